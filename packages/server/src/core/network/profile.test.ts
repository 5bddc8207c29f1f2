import { expect, it } from "vitest";
import { abilitiesFor } from "./abilities.ts";
import { closedRules, digestOf, grantOf, internetRules, noNetwork, type NetworkRules } from "./profile.ts";

const one = { range: "10.0.0.5", protocol: "tcp", ports: { first: 5432, last: 5432 } } as const;
const granted = (rules: Partial<NetworkRules>, observe = false) =>
  grantOf("any", { rules: { ...closedRules, ...rules }, observe });

it("has the same digest for the same rules alone, in whatever order they are written", () => {
  const fields = Object.entries({ ...internetRules, named: [one] });
  const straight = Object.fromEntries(fields) as unknown as NetworkRules;
  const { range, protocol, ports } = one;
  const turned = Object.fromEntries(fields.toReversed()) as unknown as NetworkRules;
  const named = [{ ports: { last: ports.last, first: ports.first }, protocol, range }];
  expect(digestOf({ ...turned, named })).toBe(digestOf(straight));
  expect(digestOf(closedRules)).not.toBe(digestOf(internetRules));
  expect(digestOf({ ...closedRules, named: [one] })).not.toBe(digestOf({ ...closedRules, open: [one] }));
});

it.each([
  ["nothing", noNetwork, ["none"]],
  ["a profile that opens nothing", granted({}), ["cidr"]],
  [
    "all that is public",
    grantOf("internet", { rules: internetRules, observe: false }),
    ["internet", "connections"],
  ],
  ["a list", granted({ named: [one] }), ["cidr"]],
  ["a list of what is public", granted({ open: [one] }), ["cidr"]],
  [
    "all at once",
    granted({ domains: ["a.org"], resolvers: ["9.9.9.9"], hostPorts: [80], rate: 1000 }, true),
    ["domains", "resolvers", "host", "rates", "observe"],
  ],
])("needs of an engine for %s what it is made of", (_what, network, abilities) => {
  expect(abilitiesFor(network)).toEqual(abilities);
});
