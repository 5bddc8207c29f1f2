import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { afterAll, describe, expect, it } from "vitest";
import { type EngineBench, openEngineBench } from "./support/engine-bench.ts";
import { subject } from "./support/local-subject.ts";
import { until } from "./support/until.ts";

/** Where e2e/support/dump-program.sh has set the whole kernel's core_pattern, as in a guest of the tests' own. */
const dumped = process.env["BERTH_TEST_DUMPED"];
if (dumped === undefined)
  console.log("SKIPPED: programs for core files, because the kernel's core_pattern is not the tests' to set");
const bench = dumped === undefined ? null : await openEngineBench(subject);
afterAll(() => bench?.[Symbol.asyncDispose]());

function open(): EngineBench {
  if (!bench) throw new Error("skipped");
  return bench;
}

const crashes = (): string[] =>
  readFileSync(dumped ?? "", "utf8")
    .split("\n")
    .filter(Boolean);

describe.skipIf(bench === null)("the program that the kernel starts for a core file", () => {
  it.each(["true", "ulimit -c 0", "ulimit -c unlimited"])(
    "ABUSE 18: is not started for a job after %s",
    async (first) => {
      const before = crashes().length;
      const { exit } = await open().run({ command: "sh", args: ["-c", `${first}; kill -SEGV $$`] });
      expect(exit.signal).toBe("SIGSEGV");
      // Outside of a job it is: the kernel starts one after the other, so what it would have started before is there too.
      const outside = spawnSync("/bin/sh", ["-c", "ulimit -c 0; kill -SEGV $$"]);
      expect(outside.signal).toBe("SIGSEGV");
      await until(() => crashes().length > before, { what: "the program for the crash outside" });
      expect(crashes()).toHaveLength(before + 1);
      expect(crashes().at(-1)).toBe(String(outside.pid));
    },
  );
});
