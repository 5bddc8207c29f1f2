import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { Guard } from "./guards/guard.ts";
import { stateOf } from "./held-guards.ts";

const row: Guard = {
  guard: "nobody comes in",
  file: "src/door.ts",
  take: "lock();",
  also: { file: "src/wall.ts", take: "stand();" },
  test: "test/door.test.ts",
};

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "berth-held-"));
  for (const folder of ["src", "test"]) mkdirSync(join(root, folder));
  for (const file of [row.file, "src/wall.ts", row.test, "src/other.ts"])
    writeFileSync(join(root, file), file);
});
afterEach(() => rmSync(root, { recursive: true }));

it.each([row.file, "src/wall.ts", row.test])("a guard is tried again once %s has changed", (file) => {
  const before = stateOf(row, root);
  writeFileSync(join(root, file), "changed");
  expect(stateOf(row, root)).not.toBe(before);
});

it("a guard is tried again once its row has changed", () => {
  expect(stateOf({ ...row, take: "lock()" }, root)).not.toBe(stateOf(row, root));
});

it("a guard is not tried again for what its row does not name", () => {
  const before = stateOf(row, root);
  writeFileSync(join(root, "src/other.ts"), "changed");
  expect(stateOf({ ...row }, root)).toBe(before);
});
