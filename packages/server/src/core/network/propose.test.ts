import { networkBounds, networkSpec, type NetworkSpec } from "@berth/protocol";
import { describe, expect, it } from "vitest";
import { randomFrom } from "../../../test/support/seeded-random.ts";
import { type Attempt, NetworkJudge } from "./judge.ts";
import { propose } from "./propose.ts";
import { rulesOf } from "./rules-of.ts";

const tcp = (name: string | null, address: string | null, port: number | null): Attempt => ({
  name,
  address,
  protocol: port === null ? null : "tcp",
  port,
});

/** Those that a profile stops. */
function stopped(spec: NetworkSpec, attempts: readonly Attempt[]): Attempt[] {
  const made = rulesOf(spec);
  if ("problems" in made) throw new Error(JSON.stringify(made.problems));
  const judge = new NetworkJudge(made.rules);
  return attempts.filter((attempt) => !judge.judge(attempt).passes);
}

describe("a proposed profile", () => {
  it("has the names that were looked up, and the addresses of what was not", () => {
    const attempts = [
      tcp("pypi.org", "151.101.0.223", 443),
      tcp("pypi.org", "151.101.64.223", 443),
      tcp("files.pythonhosted.org", "146.75.116.223", 443),
      tcp(null, "11.0.0.1", 22),
      { name: null, address: "2a00:1::1", protocol: "udp", port: 123 } as const,
    ];
    expect(propose(attempts)).toEqual({
      spec: {
        domains: ["files.pythonhosted.org", "pypi.org"],
        ports: [443],
        protocols: ["tcp"],
        addresses: ["11.0.0.1:22/tcp", "[2a00:1::1]:123/udp"],
      },
      notes: [],
    });
  });

  it("is empty where nothing was reached", () => {
    expect(propose([])).toEqual({ spec: {}, notes: [] });
  });

  it("names what is closed by its address and its name, and says so", () => {
    const attempts = [tcp("db.internal", "10.0.0.5", 5432), tcp(null, "169.254.169.254", 80)];
    expect(propose(attempts)).toMatchInlineSnapshot(`
      {
        "notes": [
          "10.0.0.5:5432/tcp, found as db.internal, is closed to all who do not name it (private): keep it only where these jobs are to reach it",
          "169.254.169.254:80/tcp is closed to all who do not name it (link-local, and metadata): keep it only where these jobs are to reach it",
        ],
        "spec": {
          "addresses": [
            "10.0.0.5:5432/tcp",
            "169.254.169.254:80/tcp",
          ],
          "domains": [
            "db.internal",
          ],
        },
      }
    `);
    expect(stopped(propose(attempts).spec, attempts)).toEqual([]);
  });

  it("says what it cannot know, and what is left out", () => {
    const attempts = [
      tcp("tracker.org", null, null),
      tcp("a.org", "11.0.0.1", 443),
      tcp("b.org", "11.0.0.2", 80),
      tcp(null, null, null),
    ];
    expect(propose(attempts)).toMatchInlineSnapshot(`
      {
        "notes": [
          "tracker.org was asked for and not told: at which ports it would be reached nobody has seen",
          "All names are open at all of the ports 80, 443 over tcp, though not each was reached at all of them",
          "Some destinations were counted and not kept one by one: they are not in it",
        ],
        "spec": {
          "domains": [
            "a.org",
            "b.org",
            "tracker.org",
          ],
          "ports": [
            80,
            443,
          ],
          "protocols": [
            "tcp",
          ],
        },
      }
    `);
  });

  it("grants no name that no host has, and no pattern", () => {
    const attempts = [
      tcp("*.evil.org", "11.0.0.1", 443),
      tcp("a b", "11.0.0.2", 443),
      tcp("bad\u0000", null, null),
    ];
    const { spec } = propose(attempts);
    expect(spec).toEqual({ addresses: ["11.0.0.1:443/tcp", "11.0.0.2:443/tcp"] });
  });

  it("lets through all of it, and is one that can be used, however it is mixed; and nothing of it can be taken out", () => {
    const random = randomFrom(9);
    const names = [null, null, "a.org", "b.org", "www.a.org", "c.internal"];
    const addresses = ["11.0.0.1", "11.0.0.2", "2a00:1::1", "10.0.0.5", "fd00::5", "::ffff:11.0.0.3"];
    for (let n = 0; n < 400; n += 1) {
      const attempts: Attempt[] = Array.from({ length: 1 + random.below(8) }, () => {
        if (random.below(6) === 0) return tcp(random.of(["a.org", "d.org"]), null, null);
        const protocol = random.of(["tcp", "udp"] as const);
        return {
          name: random.of(names),
          address: random.of(addresses),
          protocol,
          port: random.of([22, 80, 443]),
        };
      });
      const { spec } = propose(attempts);
      expect(networkSpec.parse(spec)).toEqual(spec);
      expect({ attempts, stopped: stopped(spec, attempts) }).toEqual({ attempts, stopped: [] });
      for (const domain of spec.domains ?? []) {
        // A profile without any name of its own has every name answered.
        const less = {
          ...spec,
          domains: [...(spec.domains ?? []).filter((one) => one !== domain), "none.example"],
        };
        expect({
          domain,
          stops: stopped(less, attempts).length > 0,
        }).toEqual({ domain, stops: true });
      }
      for (const address of spec.addresses ?? []) {
        const less = { ...spec, addresses: (spec.addresses ?? []).filter((one) => one !== address) };
        expect({ address, stops: stopped(less, attempts).length > 0 }).toEqual({ address, stops: true });
      }
      // By their addresses alone, which some of them also have, names would lead nowhere tomorrow.
      const { addresses: _addresses, ...byNames } = spec;
      const ports = spec.ports ?? [];
      for (const port of ports.length > 1 ? ports : []) {
        const less = { ...byNames, ports: ports.filter((one) => one !== port) };
        const own = attempts.filter((one) => one.name !== null && one.port === port);
        expect({ port, stops: stopped(less, own).length > 0 }).toEqual({ port, stops: true });
      }
    }
  });

  it("has no more of anything than a profile may, those first that were met most", () => {
    const many = Array.from({ length: 1100 }, (_, n) => tcp(`n${n}.org`, "11.0.0.1", 443));
    const lone = Array.from({ length: 1100 }, (_, n) => tcp(null, `12.0.${n >> 8}.${n & 255}`, 443));
    const ports = Array.from({ length: 70 }, (_, n) => tcp("n0.org", "11.0.0.1", 1000 + n));
    const { spec, notes } = propose([
      ...many,
      ...many.slice(0, 500),
      ...lone,
      ...ports,
      ...ports.slice(0, 10),
    ]);
    expect(networkSpec.parse(spec)).toEqual(spec);
    expect([spec.domains?.length, spec.addresses?.length, spec.ports?.length]).toEqual([
      networkBounds.domains,
      networkBounds.addresses,
      networkBounds.ports,
    ]);
    expect(spec.domains).toContain("n499.org");
    expect(spec.ports).toEqual(expect.arrayContaining([443, 1000, 1009]));
    expect(notes.filter((note) => note.includes("left out"))).toHaveLength(2);
  });
});
