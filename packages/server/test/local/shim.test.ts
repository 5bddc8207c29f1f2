import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { type EngineBench, openEngineBench } from "../support/engine-bench.ts";
import { readProc } from "../support/leftovers.ts";
import { shimsOf, subject } from "../support/local-subject.ts";
import { until } from "../support/until.ts";

const missing = await subject.missing();
if (missing !== null) console.log(`SKIPPED: signals to the shim of a job, because ${missing}`);
const bench = missing === null ? await openEngineBench(subject) : null;
afterAll(() => bench?.[Symbol.asyncDispose]());

function open(): EngineBench {
  if (!bench) throw new Error("skipped");
  return bench;
}

describe.skipIf(bench === null)("the shim of a job", () => {
  it.each(["SIGHUP", "SIGINT", "SIGTERM"] as const)(
    "goes on at %s, as a terminal or a supervisor sends it to all that a server has begun",
    async (signal) => {
      const files = [
        {
          name: "wait",
          content: Buffer.from("echo ready\nwhile [ ! -e go ]; do sleep 0.05; done\nexit 7\n"),
        },
      ];
      const job = await open().startReady({ command: "sh", args: ["wait"] }, { files });
      const shims = shimsOf(job.id);
      expect(shims.length).toBeGreaterThan(0);
      for (const pid of shims) process.kill(pid, signal);
      const heard = (pid: number): boolean => /^SigPnd:\t0+$/m.test(readProc(pid, "status"));
      await until(() => shims.every(heard), { what: "the signal taken" });
      expect(shimsOf(job.id)).toEqual(shims);
      mkdirSync(join(open().root, "data", "jobs", job.id, "go"));
      const exit = await open().wait(job);
      expect(exit).toMatchObject({ code: 7, signal: null, verdict: null });
      await open().engine.destroy(job.handle);
    },
  );
});
