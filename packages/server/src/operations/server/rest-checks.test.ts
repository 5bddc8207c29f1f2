import { expect, it } from "vitest";
import { restChecks } from "./rest-checks.ts";

const day = 24 * 3600_000;
const now = Date.UTC(2026, 0, 1);
const ending = (days: number, isOwn: boolean) => ({ notAfter: () => now + days * day, isOwn });

it.each([
  [{ tls: null, proxies: [] }, ["ok", /^HTTP, on this host alone$/]],
  [{ tls: null, proxies: ["10.0.0.0/8"] }, ["ok", /nothing is encrypted/]],
  [{ tls: ending(3, true), proxies: [] }, ["ok", /2026-01-04, replaced by itself/]],
  [{ tls: ending(15, false), proxies: [] }, ["ok", /^HTTPS.*2026-01-16$/]],
  [{ tls: ending(14, false), proxies: [] }, ["warning", /2026-01-15$/]],
] as const)("says what encrypts REST: %j", (door, [status, detail]) => {
  const [first] = restChecks(door, now);
  expect(first).toMatchObject({ name: "rest", status });
  expect(first?.detail).toMatch(detail);
  expect(first?.fix === null).toBe(status === "ok");
});

it("names the proxies that are believed", () => {
  const checks = restChecks({ tls: ending(3, true), proxies: ["10.1.2.3", "fd00::/8"] }, now);
  expect(checks.map(({ name }) => name)).toEqual(["rest", "proxies"]);
  expect(checks[1]?.detail).toContain("10.1.2.3, fd00::/8");
});
