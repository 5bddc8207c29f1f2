import type { Guard } from "./guard.ts";

const server = "packages/server/src";
const header = (name: string, value: string): Guard => ({
  guard: `browsers are told ${name}`,
  file: `${server}/api/http/security-headers.ts`,
  take: `  "${name}": "${value}",\n`,
  test: "packages/server/test/api-headers.test.ts",
});

/** What leaves the server by its doors. */
export const doors: readonly Guard[] = [
  header("x-frame-options", "DENY"),
  header("cross-origin-resource-policy", "same-origin"),
  header("referrer-policy", "no-referrer"),
];
