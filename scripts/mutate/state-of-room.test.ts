import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { Room } from "./rooms.ts";
import { stateOfRoom } from "./state-of-room.ts";

const room: Room = {
  name: "rules",
  files: ["src/*.ts", "!src/{clock,*.test}.ts"],
  tests: ["src/*.test.ts"],
};

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "berth-room-"));
  mkdirSync(join(root, "src"));
  for (const file of ["rule", "rule.test", "clock"]) writeFileSync(join(root, `src/${file}.ts`), file);
});
afterEach(() => rmSync(root, { recursive: true }));

it.each([
  ["a rule has changed", "rule.ts", true],
  ["a test has changed", "rule.test.ts", true],
  ["a rule has come", "another.ts", true],
  ["what is left out has changed", "clock.ts", false],
])("a room is tried again once %s (%s): %s", (_what, file, isTried) => {
  const before = stateOfRoom(room, root);
  writeFileSync(join(root, "src", file), "changed");
  expect(stateOfRoom(room, root) !== before).toBe(isTried);
});

it("a room is tried again once it is another", () => {
  expect(stateOfRoom({ ...room, beforeTests: "left out" }, root)).not.toBe(stateOfRoom(room, root));
});
