import { expect, it } from "vitest";
import { matchPath } from "./match-path.ts";

it.each([
  ["a.txt", "a.txt", true],
  ["*.txt", "a.txt", true],
  ["*.txt", "b/a.txt", false],
  ["b/*", "b/a.txt", true],
  ["b/*", "b/c/a.txt", false],
  ["**", "b/c/a.txt", true],
  ["**/*.txt", "a.txt", true],
  ["**/c/**", "b/c/a.txt", true],
  ["**/d/**", "b/c/a.txt", false],
  ["b/**", "b", true],
  ["a*b*c", "axxbyyc", true],
  ["a*b*c", "axxbyy", false],
  ["[a].txt", "a.txt", false],
])("pattern %s on %s is %s", (pattern, path, expected) => {
  expect(matchPath(pattern, path)).toBe(expected);
});

it("is quick for a pattern and a name made to be slow", () => {
  const started = performance.now();
  expect(matchPath(`${"*a".repeat(500)}b`, "a".repeat(255))).toBe(false);
  expect(matchPath(`${"**/a/".repeat(200)}b`, `${"a/".repeat(400)}c`)).toBe(false);
  expect(performance.now() - started).toBeLessThan(1000);
});
