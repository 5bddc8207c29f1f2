import { afterAll, afterEach, describe, expect, it } from "vitest";
import { closed4, closed6 } from "../../src/core/network/closed.ts";
import { GATEWAY, PlayNetwork, rulesOf, TABLE, whyNoPlay } from "./play-network.ts";

const missing = whyNoPlay();
if (missing !== null) console.log(`SKIPPED: what the network of a job reaches, because ${missing}`);

const PORT = 80;
const rows = [
  ...closed4.map((row) => ({ ...row, set: "closed4" })),
  ...closed6.map((row) => ({ ...row, set: "closed6" })),
];
/** What no host can have, or a job has itself, and what is not asked by connecting. */
const nobodys = new Set(["0.1.2.3", "127.1.2.3", "224.0.0.1"]);
const hosts = rows.filter(({ sample }) => !nobodys.has(sample));
const publics = ["11.0.0.1", "2a00:2::1"];
const web = { protocol: "tcp", ports: { first: PORT, last: PORT } } as const;
const listed = rulesOf("listed", {
  named: [{ range: "10.0.0.0/24", ...web }],
  open: [
    { range: "11.0.0.0/8", ...web },
    { range: "0.0.0.0/0", protocol: "udp", ports: { first: 53, last: 53 } },
  ],
});
const lookedUp = rulesOf("lookedup", { domains: ["example.org"], services: [web] });
const internet = rulesOf("internet", { isPublic: true });

const play =
  missing === null
    ? await PlayNetwork.open({
        world: [...publics, ...hosts.map(({ sample }) => sample)],
        ports: [PORT, 53],
        profiles: [internet, listed, lookedUp],
      })
    : null;
afterAll(() => play?.[Symbol.asyncDispose]());

afterEach(() => play?.load());

const lab = (): PlayNetwork => {
  if (!play) throw new Error("skipped");
  return play;
};
const both = (address: string, port = PORT): string[] => [`tcp,${address},${port}`, `udp,${address},${port}`];
const openIn = (found: Map<string, string>): string[] =>
  [...found].filter(([, how]) => how === "open").map(([target]) => target);

describe.skipIf(play === null)("what a job reaches", () => {
  it("with `internet` is all that is public and nothing else, TCP and UDP, IPv4 and IPv6", async () => {
    const inside = [GATEWAY, "11.1.1.2", "2a00:1::2"].flatMap((address) => both(address));
    const found = await lab().reach(
      "internet",
      [
        ...publics.flatMap((address) => both(address)),
        ...rows.flatMap(({ sample }) => both(sample)),
        ...both("::ffff:10.0.0.5"),
        ...inside,
      ],
      2,
    );
    expect(openIn(found).toSorted()).toEqual(publics.flatMap((address) => both(address)).toSorted());
    // At once, and not after a time: a connection that is refused says so.
    expect([...found].filter(([target, how]) => target.startsWith("tcp") && how === "silence")).toEqual([]);
  });

  it("without a grant is nothing", async () => {
    const found = await lab().reach(
      null,
      [...publics, "10.0.0.5"].flatMap((address) => both(address)),
    );
    expect(openIn(found)).toEqual([]);
  });

  it("with a list is what the list names, by address, protocol and port", async () => {
    const targets = [
      ...both("10.0.0.5"),
      ...both("10.0.0.5", 53),
      ...both("192.168.7.7"),
      ...both("11.0.0.1"),
      ...both("11.0.0.1", 53),
    ];
    expect(openIn(await lab().reach("listed", targets)).toSorted()).toEqual(
      [`tcp,10.0.0.5,${PORT}`, `tcp,11.0.0.1,${PORT}`, "udp,11.0.0.1,53"].toSorted(),
    );
  });

  it("with names is what was opened for this job, with the services of the profile, and is closed where all is", async () => {
    const targets = ["11.0.0.1", "2a00:2::1", "10.0.0.5"].flatMap((address) => both(address));
    const opened = async () => {
      const { place, name } = await lab().place("lookedup");
      for (const address of ["11.0.0.1", "2a00:2::1", "10.0.0.5"])
        lab().nft(
          "add",
          "element",
          "inet",
          TABLE,
          `opened${address.includes(":") ? 6 : 4}`,
          `{ "${name}" . ${address} timeout 1m }`,
        );
      return openIn(await lab().reachFrom(place, targets));
    };
    expect((await opened()).toSorted()).toEqual([`tcp,11.0.0.1,${PORT}`, `tcp,2a00:2::1,${PORT}`]);
    // What was opened for one is open for no other.
    expect(openIn(await lab().reach("lookedup", targets))).toEqual([]);
  });

  it.each(hosts)(
    "is not $sample ($why) because of $range, and would be without it",
    async ({ range, sample, set }) => {
      const target = [`tcp,${sample},${PORT}`];
      expect(openIn(await lab().reach("internet", target))).toEqual([]);
      lab().nft("delete", "element", "inet", TABLE, set, `{ ${range} }`);
      expect(openIn(await lab().reach("internet", target))).toEqual(target);
    },
  );

  it.each([
    { comment: "closed4", profile: "internet", target: `tcp,10.0.0.5,${PORT}` },
    { comment: "closed6", profile: "internet", target: `tcp,fd00:ec2::254,${PORT}` },
    { comment: "before a grant", profile: null, target: `tcp,11.0.0.1,${PORT}` },
    { comment: "what nobody named", profile: "listed", target: `tcp,2a00:2::1,${PORT}` },
  ])("is held by the rule `$comment`, and would be more without it", async ({ comment, profile, target }) => {
    expect(openIn(await lab().reach(profile, [target]))).toEqual([]);
    expect(lab().removeRule(comment)).toBe(true);
    expect(openIn(await lab().reach(profile, [target]))).toEqual([target]);
  });
});
