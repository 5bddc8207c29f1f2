import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openReconcilerBench, type ReconcilerBench } from "../../test/support/reconciler-bench.ts";
import { sampleJob } from "../../test/support/sample-job.ts";
import type { Engine } from "../engines/engine.ts";
import { type BootMoment, bootMoment } from "../lib/time/boot-moment.ts";

let bench: ReconcilerBench;

beforeEach(async () => {
  bench = await openReconcilerBench();
});

afterEach(() => bench[Symbol.asyncDispose]());

const spec = { command: "fake", args: ["hang"] };

/** So long ago, by the clock that nobody sets. */
function sinceBoot(agoMs: number): BootMoment {
  const { boot, ms } = bootMoment();
  return { boot, ms: ms - agoMs };
}

describe.each([
  { way: "forward", stepMs: 3_600_000 },
  { way: "back", stepMs: -3_600_000 },
])("though the clock was set $way while the server was away", ({ stepMs }) => {
  /** So long ago, as the clock says by which it was noted then. */
  const noted = (agoMs: number): number => Date.now() - agoMs - stepMs;

  it("a job waits as long in the queue as it may, and no longer", async () => {
    const limits = { ...sampleJob().limits, queueMs: { value: 600_000, by: "job" as const } };
    const queued = async (agoMs: number): Promise<string> => {
      const createdAt = noted(agoMs);
      const submittedSinceBoot = sinceBoot(agoMs);
      return await bench.insert({ state: "queued", spec, limits, createdAt, submittedSinceBoot });
    };
    await bench.insert({ spec });
    const left = await queued(300_000);
    const over = await queued(600_001);
    await using _server = await bench.open();
    expect(await bench.untilState(over, "failed")).toMatchObject({ cause: { code: "queue_timeout" } });
    expect((await bench.store.jobs.get(left))?.state).toBe("queued");
  });

  /** A stop of ten minutes' grace that was asked for twenty seconds ago, and the grace that the engine is asked for. */
  const graceOf = async (noticed: "by the engine" | "by nobody"): Promise<number | undefined> => {
    const id = await bench.insert({ spec });
    await bench.startUnrecorded(id);
    const requestedAt = noted(20_000);
    const cause = { code: "stopped" as const, message: "", evidence: {} };
    const stop = { cause, graceMs: 600_000, requestedAt };
    await bench.store.jobs.transition(id, "running", { at: requestedAt, startedAt: requestedAt });
    if (noticed === "by the engine")
      await bench.store.jobs.transition(id, "stopping", { at: requestedAt, stop });
    else await bench.store.jobs.update(id, { stop: { ...stop, requestedSinceBoot: sinceBoot(20_000) } });
    const graces: number[] = [];
    const methods: Partial<Engine> = {
      recover: async (handle) => {
        const recovered = await bench.engine.recover(handle);
        return recovered.kind === "found" && noticed === "by the engine"
          ? { ...recovered, stopAgeMs: 20_000 }
          : recovered;
      },
      stop: async (handle, { graceMs }) => {
        graces.push(graceMs);
        return await bench.engine.stop(handle, { graceMs: 0 });
      },
    };
    await using _server = await bench.open(methods);
    await bench.untilState(id, "canceled");
    return graces[0];
  };

  it.each(["by the engine", "by nobody"] as const)(
    "a stop keeps the grace that is left, noticed %s before",
    async (noticed) => {
      const grace = await graceOf(noticed);
      expect(grace).toBeLessThanOrEqual(580_000);
      // What the write of the stop took is not the job's.
      expect(grace).toBeGreaterThan(480_000);
    },
  );
});

it("a job of another boot waits its whole time in the queue where the clock is behind the one that it came by", async () => {
  const limits = { ...sampleJob().limits, queueMs: { value: 1, by: "job" as const } };
  await bench.insert({ spec });
  const submittedSinceBoot: BootMoment = { boot: "another", ms: 0 };
  const createdAt = Date.now() + 3_600_000;
  const id = await bench.insert({ state: "queued", spec, limits, createdAt, submittedSinceBoot });
  await using _server = await bench.open();
  expect(await bench.untilState(id, "failed")).toMatchObject({ cause: { code: "queue_timeout" } });
});
