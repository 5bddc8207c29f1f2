import { expect, it } from "vitest";
import { closedRules } from "../../core/network/profile.ts";
import { isSameHost, judgeOf } from "./judge.ts";

const at = { host: "git.example.org", port: 443, rules: null, allowed: [] };
const https = { protocol: "tcp", ports: { first: 443, last: 443 } } as const;

it("leads to the public alone without a profile, and to what the operator names", () => {
  expect(judgeOf(at)("93.184.216.34")).toBeNull();
  for (const closed of [
    "127.0.0.1",
    "10.0.0.5",
    "169.254.169.254",
    "::1",
    "::ffff:127.0.0.1",
    "fe80::1%eth0",
  ])
    expect(judgeOf({ ...at, allowed: ["192.168.0.0/16"] })(closed)).toContain("is not public");
  expect(judgeOf({ ...at, allowed: ["10.0.0.0/8"] })("::ffff:10.0.0.5")).toBeNull();
});

it("leads where the runner's profile does, and to what is closed by the operator's word", () => {
  const rules = { ...closedRules, domains: ["*.example.org"], services: [https] };
  expect(judgeOf({ ...at, rules })("93.184.216.34")).toBeNull();
  for (const other of [{ port: 22 }, { host: "example.com" }, { host: "93.184.216.34" }])
    expect(judgeOf({ ...at, rules, ...other })("93.184.216.34")).toContain("network profile");
  expect(judgeOf({ ...at, rules })("10.0.0.5")).toContain("network profile");
  expect(judgeOf({ ...at, rules, allowed: ["10.0.0.0/8"] })("10.0.0.5")).toBeNull();
  const named = { ...closedRules, named: [{ range: "10.0.0.5", ...https }] };
  expect(judgeOf({ ...at, rules: named })("10.0.0.5")).toBeNull();
  expect(judgeOf({ ...at, rules: named })("93.184.216.34")).toContain("network profile");
});

it.each([
  ["Git.example.org", "git.example.org", true],
  ["0:0:0:0:0:0:0:1", "::1", true],
  ["127.0.0.1", "127.0.0.2", false],
  ["git.example.org.", "git.example.org", false],
])("knows whether %s is %s: %s", (one, other, is) => expect(isSameHost(one, other)).toBe(is));
