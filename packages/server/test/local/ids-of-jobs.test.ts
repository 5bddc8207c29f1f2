import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { launchOn, openEngineBench, patienceMs } from "../support/engine-bench.ts";
import { subject } from "../support/local-subject.ts";
import { tempFolder } from "../support/temp-folder.ts";
import { until } from "../support/until.ts";

const missing = await subject.missing();
if (missing !== null) console.log(`SKIPPED: whose user ids a job has, because ${missing}`);

const look = { command: "cat", args: ["/proc/self/uid_map"] };
const lookAndStay = { command: "sh", args: ["-c", "cat /proc/self/uid_map; sleep 1000"] };

describe.skipIf(missing !== null)("the user ids of a job", () => {
  it("serve others once it is removed, or all would be used up some day", async () => {
    await using bench = await openEngineBench(subject);
    const maps = new Set<string>();
    for (let n = 0; n < 40; n += 1) maps.add((await bench.run(look)).stdout.toString());
    // Those of the places that are kept ready, and of the few that are being made or removed.
    expect(maps.size).toBeLessThan(30);
  });

  it("stay its own while it runs on under the next server", async () => {
    await using folder = tempFolder();
    const root = folder.path;
    const signal = AbortSignal.timeout(patienceMs);
    const mapOf = async ({ output }: { output: { stdout: string } }): Promise<string> => {
      await until(() => readFileSync(output.stdout, "utf8").endsWith("\n"), { what: "the ids of the job" });
      return readFileSync(output.stdout, "utf8");
    };
    const before = await subject.open(root);
    const old = Array.from({ length: 3 }, () => launchOn(before, { line: lookAndStay, root }));
    for (const launch of old) await before.start(launch, signal);
    const taken = await Promise.all(old.map(mapOf));
    await before[Symbol.asyncDispose]();
    const after = await subject.open(root);
    try {
      for (let n = 0; n < 15; n += 1) {
        const launch = launchOn(after, { line: look, root });
        await after.start(launch, signal);
        expect(taken).not.toContain(await mapOf(launch));
      }
    } finally {
      for (const { handle } of await after.list()) await after.destroy(handle);
      await after[Symbol.asyncDispose]();
      await subject.remove(root);
    }
  });
});
