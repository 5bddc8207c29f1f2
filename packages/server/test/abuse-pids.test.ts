import { type ChildProcess, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { findLayout } from "../src/engines/local/groups/layout.ts";
import { cgroupNameOf } from "./support/cgroup-name.ts";
import { pids, readProc } from "./support/leftovers.ts";
import { subject } from "./support/local-subject.ts";
import { openServerBench, type ServerBench } from "./support/server-bench.ts";
import type { ServerProcess } from "./support/server-process.ts";
import { until } from "./support/until.ts";

const missing = await subject.missing();
if (missing !== null)
  console.log(`SKIPPED: what becomes of the numbers of a job's processes, because ${missing}`);

/** Where the kernel can be told which number it gives next. */
const lastNumber = "/proc/sys/kernel/ns_last_pid";
const canChooseNumbers = existsSync(lastNumber);
if (!canChooseNumbers)
  console.log(`SKIPPED: 1 test of numbers given again, because there is no ${lastNumber}`);

describe.skipIf(missing !== null)("the processes of a job", () => {
  it.skipIf(!canChooseNumbers)(
    "ABUSE 5: are never taken for others that have their numbers after a restart",
    async () => {
      await using bench = openServerBench("local");
      const first = await bench.start();
      const { id, group } = await startStubborn(first);
      const taken = pids().filter((pid) => readProc(pid, "cgroup").includes(`/${group}`));
      await first.kill();
      for (const pid of taken) end(pid);
      const isFree = (pid: number): boolean => readProc(pid, "status") === "";
      await until(() => taken.every(isFree), { what: "the end of the job's processes" });
      const strangers = taken.map(startAs).filter((stranger) => stranger !== null);
      try {
        // On a busy host somebody else may have taken one.
        expect(strangers.length).toBeGreaterThan(0);
        const second = await bench.start();
        await second.api.stop(id, "0s").catch(() => null);
        // Which of its own processes went first decides whether its end was seen.
        expect(["lost", "failed"]).toContain((await second.api.end(id)).state);
        await bench.untilCleanedUp(id);
        await second.terminate();
        for (const { exitCode, signalCode } of strangers)
          expect([exitCode, signalCode]).toEqual([null, null]);
      } finally {
        for (const stranger of strangers) {
          stranger.kill("SIGKILL");
          await once(stranger, "exit");
        }
      }
    },
  );

  it("ABUSE 3: end by a stop though somebody froze their group", async () => {
    await using bench = openServerBench("local");
    const server = await bench.start();
    const { id, group } = await startStubborn(server);
    writeFileSync(join(trackingOf(bench), group, "cgroup.freeze"), "1");
    await server.api.stop(id, "100ms");
    expect(await server.api.end(id)).toMatchObject({
      state: "canceled",
      cause: { code: "stopped", evidence: { forced: true } },
    });
    await bench.untilCleanedUp(id);
  });
});

/** A job that ignores TERM, and the name of its control group. */
async function startStubborn({ api }: ServerProcess): Promise<{ id: string; group: string }> {
  const mark = `mark-${randomUUID()}`;
  const script = "trap '' TERM; echo ready; while :; do sleep 1000; done";
  const { id } = await api.submit({ command: "sh", args: ["-c", script, mark] });
  await until(async () => (await api.output(id)) === "ready\n", { what: "the job at work" });
  const group = pids()
    .filter((pid) => readProc(pid, "cmdline").includes(mark))
    .map((pid) => /jobs\/([^/\n]+)/.exec(readProc(pid, "cgroup"))?.[1])
    .find((name) => name !== undefined);
  if (group === undefined)
    throw new Error(`Cannot find the group of job "${id}": no process carries its mark`);
  return { id, group };
}

function trackingOf({ root }: ServerBench): string {
  return findLayout(cgroupNameOf(root)).tracking;
}

function end(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch (error) {
    // It went with its namespace.
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

/** A process that is none of the server's, under this number: the kernel gives the next free one. null when taken. */
function startAs(pid: number): ChildProcess | null {
  for (let attempt = 0; attempt < 50; attempt += 1) {
    writeFileSync(lastNumber, String(pid - 1));
    const child = spawn("sleep", ["1000"], { stdio: "ignore" });
    if (child.pid === pid) return child;
    child.kill("SIGKILL");
  }
  return null;
}
