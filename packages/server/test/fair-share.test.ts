import { describe, expect, it } from "vitest";
import type { Engine } from "../src/engines/engine.ts";
import type { Context } from "../src/operations/context.ts";
import { submitJob } from "../src/operations/jobs/submit-job.ts";
import { getJob } from "../src/operations/jobs/get-job.ts";
import { openReconcilerBench, type ReconcilerBench } from "./support/reconciler-bench.ts";
import { sampleCaller } from "./support/sample-caller.ts";
import { until } from "./support/until.ts";

const callerOf = (name: string) => sampleCaller({ principal: { name, roles: ["developer"] } });
const short = { command: "fake", args: ["exit=0"] };

function withRoom(context: Context, queueLength = 10_000): Context {
  return { ...context, policy: { ...context.policy, queueLength } };
}

/** The engine's start, with the jobs that it was called for. */
function counted({ engine }: ReconcilerBench): { started: string[]; start: Engine["start"] } {
  const started: string[] = [];
  const start: Engine["start"] = (launch, signal) => {
    started.push(launch.id);
    return engine.start(launch, signal);
  };
  return { started, start };
}

describe("of jobs that wait", () => {
  it("one of somebody who has no other starts next, though a thousand of another wait", async () => {
    await using bench = await openReconcilerBench();
    await Promise.all(
      Array.from({ length: 1000 }, () => bench.insert({ state: "queued", owner: "ann", spec: short })),
    );
    const { started, start } = counted(bench);
    await using server = await bench.open({ maxJobs: 1, start });
    await until(() => started.length > 10, { what: "some of them to have had their turn" });
    const submitted = await submitJob(withRoom(server.context), {
      caller: callerOf("bob"),
      spec: short,
      idempotencyKey: null,
    });
    const before = started.length;
    await bench.untilState(submitted.job.id, "succeeded");
    // One may have been chosen while bob's was being stored.
    expect(started.indexOf(submitted.job.id) - before).toBeLessThanOrEqual(1);
  });

  it("the most urgent of an owner starts first, and each is told who is before it", async () => {
    await using bench = await openReconcilerBench();
    await bench.insert({ owner: "carl", spec: { command: "fake", args: ["hang"] } });
    const { started, start } = counted(bench);
    await using server = await bench.open({ maxJobs: 1, start });
    const submit = async (name: string, priority = 0): Promise<string> => {
      const request = { caller: callerOf(name), spec: { ...short, priority }, idempotencyKey: null };
      return (await submitJob(server.context, request)).job.id;
    };
    const waits = async (name: string, id: string) =>
      (await getJob(server.context, { caller: callerOf(name), id })).cause;
    const [plain, low] = [await submit("ann"), await submit("ann", -1)];
    expect(await waits("ann", plain)).toMatchObject({ code: "waiting_for_slot" });
    const [urgent, other] = [await submit("ann", 50), await submit("bob")];
    expect(await waits("ann", plain)).toEqual({
      code: "waiting_for_turn",
      message:
        "1 job is ahead among its owner's in the queue; 1 other owner takes turns with it; 1 of 1 slots are busy",
      evidence: { ahead: 1, others: 1, busySlots: 1, totalSlots: 1 },
    });
    expect(await waits("bob", other)).toMatchObject({ code: "waiting_for_turn", evidence: { ahead: 0 } });
    const [running = ""] = started;
    const stop = {
      cause: { code: "stopped" as const, message: "", evidence: {} },
      graceMs: 0,
      requestedAt: 0,
    };
    await bench.store.jobs.update(running, { stop });
    server.scheduler.wake(running);
    for (const id of [plain, low, urgent, other]) await bench.untilState(id, "succeeded");
    expect(started.filter((id) => id !== running && id !== other)).toEqual([urgent, plain, low]);
  });

  it("a full queue takes the first of whoever has none in it", async () => {
    await using bench = await openReconcilerBench();
    await bench.insert({ owner: "carl", spec: { command: "fake", args: ["hang"] } });
    await using server = await bench.open({ maxJobs: 1 });
    const context = withRoom(server.context, 2);
    const submit = (name: string): Promise<unknown> =>
      submitJob(context, { caller: callerOf(name), spec: short, idempotencyKey: null });
    for (const name of ["ann", "ann"]) await submit(name);
    await expect(submit("ann")).rejects.toMatchObject({ code: "QUEUE_FULL" });
    await submit("bob");
    await expect(submit("bob")).rejects.toMatchObject({ code: "QUEUE_FULL" });
    await submit("dora");
    await expect(submit("eve")).rejects.toMatchObject({ code: "QUEUE_FULL" });
  });
});
