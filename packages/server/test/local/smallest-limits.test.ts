import { describe, expect, it } from "vitest";
import { EngineError } from "../../src/engines/engine.ts";
import { noLimits, openEngineBench } from "../support/engine-bench.ts";
import { hostIsV2 } from "../support/guest.ts";
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

  it.skipIf(!hostIsV2()).each([
    { kind: "warm", subject: warm },
    { kind: "cold", subject: cold },
  ])(
    "has one truthful end, $kind, where its memory runs out before it begins, or soon after",
    async (one) => {
      await using bench = await openEngineBench(one.subject);
      const ready = async (): Promise<void> => {
        if (one.kind === "warm")
          await until(() => bench.engine.standby().sandboxes > 0, { what: "a sandbox" });
      };
      // Less than the sandbox holds that waits for it: one page, and some.
      for (const value of [1, 65_536]) {
        await ready();
        const limits = { ...noLimits, memory: { value, by } } as const;
        const refused: unknown = await bench
          .run(shell("exit 3"), { limits })
          .catch((error: unknown) => error);
        expect(refused).toBeInstanceOf(EngineError);
        expect(refused).toMatchObject({
          blame: "job",
          retryable: false,
          verdict: { kind: "oom", limitBytes: value, kills: 0 },
        });
      }
      await ready();
      const limits = { ...noLimits, memory: { value: 8 * 2 ** 20, by } } as const;
      const job = await bench.run(shell("head -c 1G /dev/zero | tail"), { limits });
      expect(job.exit.verdict).toMatchObject({ kind: "oom", limitBytes: 8 * 2 ** 20 });
    },
  );
});
