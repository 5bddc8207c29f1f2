import { existsSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { guards } from "./guards.ts";

const root = new URL("../../../", import.meta.url);

it.each(guards)("$guard: its text stands in its file, once, and its test is there", (guard) => {
  const removals = [guard, ...(guard.also ? [guard.also] : [])];
  const found = removals.map(
    ({ file, take }) => readFileSync(new URL(file, root), "utf8").split(take).length - 1,
  );
  expect(found).toEqual(removals.map(() => 1));
  expect(existsSync(new URL(guard.test, root))).toBe(true);
});

it("each guard has a name of its own", () => {
  expect(new Set(guards.map(({ guard }) => guard)).size).toBe(guards.length);
});
