import { expect, it } from "vitest";
import { isLong } from "./long-spec.ts";

const many = (count: number): string[] => Array.from({ length: count }, (_, index) => `a${index}`);
const named = (count: number): Record<string, string> =>
  Object.fromEntries(many(count).map((name) => [name, ""]));

it.each([
  ["a plain command", { command: "true", args: ["-c", "x"], env: { A: "b" } }, false],
  ["as many entries as are few", { command: "true", args: many(250), env: named(250) }, false],
  ["one entry more", { command: "true", args: many(250), env: named(251) }, true],
  ["many labels", { command: "true", labels: named(501) }, true],
  ["many files", { command: "true", files: named(501) }, true],
  ["as many letters as are few", { command: "true", args: ["a".repeat(64 * 1024)] }, false],
  ["one letter more", { command: "true", args: ["a".repeat(64 * 1024 - 1)], env: { A: "bc" } }, true],
])("says of %s whether others have turns between", (_what, spec, long) => {
  expect(isLong({ args: [], ...spec })).toBe(long);
});
