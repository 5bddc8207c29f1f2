import type { NetworkSpec } from "@berth/protocol";
import { expect, it } from "vitest";
import { closedRules, digestOf, internetRules } from "./profile.ts";
import { rulesOf } from "./rules-of.ts";

function rules(spec: NetworkSpec) {
  const made = rulesOf(spec);
  if ("problems" in made) throw new Error(JSON.stringify(made.problems));
  return made.rules;
}

it("makes the built-in profile of what is public", () => {
  expect(digestOf(rules({ public: true }))).toBe(digestOf(internetRules));
});

it("opens nothing by itself, and bounds connections", () => {
  expect(rules({ description: "nothing" })).toEqual({ ...closedRules, connections: 1000 });
});

it("opens domains at TCP 443 unless it says otherwise", () => {
  const https = { protocol: "tcp", ports: { first: 443, last: 443 } };
  expect(rules({ domains: ["pypi.org", "pypi.org"] })).toMatchObject({
    domains: ["pypi.org"],
    services: [https],
  });
  const { services } = rules({ domains: ["x.org"], ports: [443, 80], protocols: ["tcp", "udp"] });
  expect(services).toHaveLength(4);
  expect(rules({ ports: [22] }).services).toEqual([]);
});

it.each([
  ["10.1.2.3:5432", "10.1.2.3/32"],
  ["10.0.0.0/8:1-65535/udp", "10.0.0.0/8"],
  ["169.254.169.254:80", "169.254.169.254/32"],
  ["fd00::/8:443", "fd00::/8"],
  ["[::ffff:8.8.8.8]:53/udp", "::ffff:8.8.8.8/128"],
])("opens %s, which is closed to all else", (address, range) => {
  expect(rules({ addresses: [address] })).toMatchObject({ named: [{ range }], open: [] });
});

it.each(["8.8.8.8", "0.0.0.0/0", "0.0.0.0/0:443", "10.0.0.0/7:443", "2000::/3:443"])(
  "opens of %s only what is public",
  (address) => {
    expect(rules({ addresses: [address] })).toMatchObject({ named: [], open: [{}] });
  },
);

it("names every entry that nobody should rely on", () => {
  const addresses = ["10.1.2.3", "8.8.8.8", "172.16.0.0/12/udp", "10.1.2.3/24:443", "[::1]"];
  const made = rulesOf({ addresses });
  expect("problems" in made && made.problems).toMatchInlineSnapshot(`
    [
      {
        "at": 0,
        "message": "must name ports, as 10.1.2.3/32:5432: it is closed to all else (private)",
      },
      {
        "at": 2,
        "message": "must name ports, as 172.16.0.0/12:5432: it is closed to all else (private)",
      },
      {
        "at": 3,
        "message": "is no range: "10.1.2.3/24" is no range: its address lies within it, so write "10.1.2.0/24" or the address alone",
      },
      {
        "at": 4,
        "message": "must name ports, as ::1/128:5432: it is closed to all else (not public: loopback, IPv4 within IPv6, NAT64)",
      },
    ]
  `);
});
