import { expect, it } from "vitest";
import { PathPatterns } from "./path-patterns.ts";

/** The patterns that a whole path matches, by their place in the list. */
function hitsOf(patterns: readonly string[], path: string): readonly number[] {
  const all = new PathPatterns(patterns);
  let [progress, hits]: [readonly number[], readonly number[]] = [all.start(), []];
  for (const name of path.split("/")) ({ progress, hits } = all.advance(progress, name));
  return hits;
}

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
  ["**/**/a.txt", "a.txt", true],
  ["**/b/**/b/a", "b/a", false],
  ["**/b/**/b/a", "b/b/a", true],
  ["**/b/c", "b/b/c", true],
  ["b/**", "b", true],
  ["a*b*c", "axxbyyc", true],
  ["a*b*c", "axxbyy", false],
  ["a*a", "a", false],
  ["*ab*b", "ab", false],
  ["**a", "xa", true],
  ["***", "x", true],
  ["[a].txt", "a.txt", false],
])("pattern %s on %s is %s", (pattern, path, expected) => {
  expect(hitsOf([pattern], path)).toEqual(expected ? [0] : []);
});

it("tells of several patterns which of them match", () => {
  expect(hitsOf(["x/**", "**/*.txt", "b/*/a.txt", "b"], "b/c/a.txt")).toEqual([1, 2]);
});

it("makes no progress where nothing below can match", () => {
  const all = new PathPatterns(["b/*.txt", "c"]);
  expect(all.advance(all.start(), "x").progress).toEqual([]);
});

/** Counted, not timed: how often the patterns look at a character of a name cannot be seen, but their places can. */
it("reaches each place of its patterns once for a name, however many ways lead there", () => {
  const patterns = Array.from({ length: 64 }, (_, index) => `${"**/a*/".repeat(32)}b${index}`);
  const all = new PathPatterns(patterns);
  let progress = all.start();
  for (let depth = 0; depth < 64; depth += 1) {
    progress = all.advance(progress, "aaa").progress;
    expect(new Set(progress).size).toBe(progress.length);
  }
  expect(progress.length).toBeLessThanOrEqual(64 * 65);
});
