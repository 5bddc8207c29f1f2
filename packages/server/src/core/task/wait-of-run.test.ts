import { expect, it } from "vitest";
import { waitOfRun } from "./wait-of-run.ts";

const task = { runner: "r", command: "true" };

it.each([
  [{}, undefined, 0],
  [{}, "5s", 5_000],
  [{ synchronous: true }, undefined, 20_000],
  [{ synchronous: true, wait: "30s" }, undefined, 30_000],
  [{ synchronous: true, wait: "30s" }, "0s", 0],
  [{ wait: "30s" }, undefined, 0],
  [{ synchronous: true }, "10m", 60_000],
])("a run of %j that is asked to wait %s waits %i ms", (own, said, ms) => {
  expect(waitOfRun({ ...task, ...own }, said)).toBe(ms);
});
