import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { subject } from "./support/local-subject.ts";

const run = promisify(execFile);
const missing = await subject.missing();
if (missing !== null) console.log(`SKIPPED: the example of the executor, because ${missing}`);

describe.skipIf(missing !== null)("the example of the executor", () => {
  it("runs as its readme says", async () => {
    const root = join(import.meta.dirname, "../../..");
    const args = ["--conditions=berth-source", "examples/executor/run-commands.ts"];
    const { stdout, stderr } = await run(process.execPath, args, { cwd: root });
    expect(stderr).toBe("");
    expect(stdout.split("\n")).toEqual([
      "1. failed with exit code 3: Exited with code 3",
      String.raw`2. both readers got the same: true, "1\n2\n3\n"`,
      "3. 039058c6f2c0cb492c533b0a4d14ef77cc0f78abccced5287d84a1a2011cfb81",
      "   65 bytes of output, CPU limit applied: true",
      "4. canceled, KILL was needed: true",
      "",
    ]);
  });
});
