import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, it } from "vitest";
import { secondsOf, slowFiles } from "./slow-files.ts";

const root = resolve(import.meta.dirname, "../..");

it.each(Object.keys(slowFiles))("%s, which begins early, is there", (file) => {
  expect(existsSync(join(root, file))).toBe(true);
  expect(secondsOf(join(root, file))).toBe(slowFiles[file]);
});

it("knows no time of any other file", () => {
  expect(secondsOf(join(root, "e2e/host-restart.test.ts.bak"))).toBe(0);
  expect(secondsOf(join(root, "other/not-e2e/host-restart.test.ts"))).toBe(0);
});
