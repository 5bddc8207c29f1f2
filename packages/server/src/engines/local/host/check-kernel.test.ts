import { expect, it } from "vitest";
import { checkKernel } from "./check-kernel.ts";

const hard = { openFiles: 1, pendingSignals: 1, queueBytes: 1, coreBytes: 1 };
const told = (settings: Record<string, string>, coreBytes = 1): string[] =>
  checkKernel({ ...hard, coreBytes }, (name) => settings[name] ?? "").map(
    ({ name, status, fix }) => `${name} ${status} ${fix !== null}`,
  );

const reachable = { "fs/file-max": "2466170", "kernel/core_pattern": "core" };
const unbounded = { "fs/file-max": "9223372036854775807", "kernel/core_pattern": "|/usr/share/apport %p" };

it("warns of a number of open files for the whole host that jobs can reach", () => {
  expect(told(reachable)).toEqual(["open-files warning true", "core-files ok false"]);
  expect(told({})).toEqual(["open-files warning true", "core-files ok false"]);
  expect(told(unbounded)).toEqual(["open-files ok false", "core-files ok false"]);
});

it("warns where the kernel would start a program for what jobs had in memory, and no limit can keep it", () => {
  expect(told(unbounded, 0)).toEqual(["open-files ok false", "core-files warning true"]);
  expect(told({ ...unbounded, "kernel/core_pattern": "@/run/dumps" }, 0)[1]).toBe("core-files warning true");
  expect(told(reachable, 0)[1]).toBe("core-files ok false");
});
