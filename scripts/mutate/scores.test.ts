import { globSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { guards } from "./guards/guards.ts";
import { readHeld } from "./held-guards.ts";
import { rooms } from "./rooms.ts";

const root = new URL("../../", import.meta.url).pathname;
const scores = JSON.parse(readFileSync(new URL("scores.json", import.meta.url), "utf8")) as Record<
  string,
  { score: number; noticed: number; unnoticed: number }
>;

/** Percent of the changes that the tests of a room notice at least. A room may rise above it, and then not fall back. */
const floor = 82;

it.each(rooms)("the tests of $name have been tried, and notice what they must", ({ name }) => {
  const { score, noticed, unnoticed } = scores[name] ?? { score: 0, noticed: 0, unnoticed: 0 };
  expect(score).toBeGreaterThanOrEqual(floor);
  expect(score).toBe(Math.floor((1000 * noticed) / (noticed + unnoticed)) / 10);
});

it.each(rooms)("every pattern of $name finds files", ({ files, tests }) => {
  const patterns = [...files, ...tests].map((pattern) => pattern.replace(/^!/, ""));
  const empty = patterns.filter((pattern) => globSync(pattern, { cwd: root }).length === 0);
  expect(empty).toEqual([]);
});

it("every guard that was tried is held", () => {
  const names = new Set(guards.map(({ guard }) => guard));
  const held = Object.entries(readHeld());
  expect(held.length).toBeGreaterThan(0);
  expect(held.filter(([name, state]) => !names.has(name) || !/^[0-9a-f]{16}$/.test(state))).toEqual([]);
});

it("no score is kept of what is not tried any more", () => {
  expect(Object.keys(scores).toSorted()).toEqual(rooms.map(({ name }) => name).toSorted());
});
