import { describe, expect, it } from "vitest";
import { noLimits, openEngineBench } from "../support/engine-bench.ts";
import { subject as cold } from "../support/local-subject.ts";
import { until } from "../support/until.ts";
import { subject as warm } from "../support/warm-subject.ts";

const missing = await cold.missing();
if (missing !== null) console.log(`SKIPPED: the smallest limits, because ${missing}`);

const by = "job";
const shell = (script: string) => ({ command: "sh", args: ["-c", script] });

describe.skipIf(missing !== null)("a job with the smallest limits", () => {
  it.each([
    { kind: "warm", subject: warm },
    { kind: "cold", subject: cold },
  ])("has one truthful end, $kind: one process, and next to no CPU", async ({ kind, subject }) => {
    await using bench = await openEngineBench(subject);
    const ready = async (): Promise<void> => {
      if (kind === "warm") await until(() => bench.engine.standby().sandboxes > 0, { what: "a sandbox" });
    };
    const onePid = { limits: { ...noLimits, pids: { value: 1, by } } } as const;
    const starved = { limits: { ...noLimits, cpu: { value: 0.01, by } } } as const;
    await ready();
    const alone = await bench.run(shell("echo on; exit 3"), onePid);
    expect([alone.exit.code, alone.stdout.toString(), alone.exit.usage.pidsPeak]).toEqual([3, "on\n", 1]);
    await ready();
    // The shell is that one process: it can start no other, says so, and ends by itself.
    const refused = await bench.run(shell("/bin/true; echo never"), onePid);
    expect(refused.exit).toMatchObject({ verdict: null, code: 2, signal: null });
    expect(refused.exit.usage.pidsRefused).toBeGreaterThan(0);
    await ready();
    const slow = await bench.run(shell("echo slow; exit 4"), starved);
    expect([slow.exit.verdict, slow.exit.code, slow.stdout.toString()]).toEqual([null, 4, "slow\n"]);
    await ready();
    const stopped = await bench.startReady(shell("echo ready; sleep 1000"), starved);
    await bench.engine.stop(stopped.handle, { graceMs: 20_000 });
    expect(await bench.wait(stopped)).toMatchObject({ verdict: null, code: null, signal: "SIGTERM" });
    await bench.engine.destroy(stopped.handle);
  });
});
