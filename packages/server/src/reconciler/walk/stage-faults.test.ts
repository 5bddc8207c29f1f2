import { describe, expect, it } from "vitest";
import { asked } from "../../../test/support/sample-job.ts";
import { openReconcilerBench } from "../../../test/support/reconciler-bench.ts";
import { until } from "../../../test/support/until.ts";
import type { Engine } from "../../engines/engine.ts";
import { abortable } from "../../lib/signals.ts";
import type { Launcher } from "./launches/launcher.ts";

const never = { spec: { command: "fake", args: ["print=never"] } };

describe("a job whose engine is not configured any more", () => {
  it.each([
    ["was being made ready", "preparing"],
    ["was being stopped", "stopping"],
  ] as const)("fails with its stages, where it %s: its code has not run", async (_what, state) => {
    await using bench = await openReconcilerBench();
    const id = await bench.insert({ ...never, engine: "gone" }, ["unpack", "unpack"]);
    const [first] = await bench.store.stages.list(id);
    if (!first) throw new Error("There is such a stage");
    await bench.store.stages.transition(first, "running", { at: 10, startedAt: 10, attempt: 1 });
    if (state === "stopping") await bench.store.jobs.transition(id, "stopping", { at: 20, stop: asked(0) });
    await using _server = await bench.open();
    const job = await bench.untilState(id, "failed");
    const cause = { code: "engine_failed", evidence: { stage: "unpack" } };
    expect(job).toMatchObject({ startedAt: null, cause });
    expect(job.cause?.message).toContain('engine "gone" is not configured any more');
    expect(await bench.store.stages.list(id)).toMatchObject([
      { state: "failed", cause },
      { state: "queued" },
    ]);
  });

  it("is lost where its code may have run, and its stages are left as they ended", async () => {
    await using bench = await openReconcilerBench();
    const id = await bench.insert({ ...never, engine: "gone" }, ["unpack"]);
    const [first] = await bench.store.stages.list(id);
    if (!first) throw new Error("There is such a stage");
    const begun = await bench.store.stages.transition(first, "running", { at: 10, attempt: 1 });
    await bench.store.stages.transition(begun ?? first, "succeeded", { at: 20, endedAt: 20 });
    await bench.store.jobs.transition(id, "running", { at: 30, startedAt: 30 });
    await using _server = await bench.open();
    expect(await bench.untilState(id, "lost")).toMatchObject({ cause: { code: "lost", evidence: {} } });
    expect(await bench.store.stages.list(id)).toMatchObject([{ state: "succeeded" }]);
  });
});

it("a stage is stored as running when it is begun", async () => {
  await using bench = await openReconcilerBench();
  const id = await bench.insert(never, ["unpack"]);
  const states: (string | undefined)[] = [];
  const unpack: Launcher = {
    async launch() {
      states.push((await bench.store.stages.list(id))[0]?.state);
      return { command: "fake", args: [], stdin: null };
    },
  };
  await using _server = await bench.open({}, { launchers: { unpack } });
  expect(await until(() => states[0], { what: "the launch of the stage" })).toBe("running");
});

it("a server repeats no stage that ended under the one before, and starts no code that ran then", async () => {
  await using bench = await openReconcilerBench();
  const id = await bench.insert({ spec: { command: "fake", args: ["exit=0"] } }, ["unpack"]);
  const [first] = await bench.store.stages.list(id);
  if (!first) throw new Error("There is such a stage");
  const begun = await bench.store.stages.transition(first, "running", { at: 10, attempt: 1 });
  await bench.store.stages.transition(begun ?? first, "succeeded", { at: 20, endedAt: 20 });
  await bench.startUnrecorded(id);
  const started: string[] = [];
  const launch = () => Promise.reject(new Error("It has ended"));
  const start: Engine["start"] = (asked, signal) => {
    started.push(asked.id);
    return bench.engine.start(asked, signal);
  };
  await using _server = await bench.open({ start }, { launchers: { unpack: { launch } } });
  await until(async () => bench.faults.length > 0 || (await bench.store.jobs.state(id)) === "succeeded", {
    what: "the end of the job",
  });
  expect([bench.faults, started]).toEqual([[], []]);
  expect(await bench.store.stages.list(id)).toMatchObject([{ state: "succeeded", attempt: 1 }]);
});

describe("a start that waits for its turn", () => {
  it.each([
    ["a plain command", []],
    ["a stage before it", ["unpack"]],
  ] as const)("is given up when its job is stopped: that of %s", async (_what, before) => {
    await using bench = await openReconcilerBench();
    const id = await bench.insert(never, before);
    const waits = Promise.withResolvers<void>();
    const launch = () => Promise.resolve({ command: "fake", args: [], stdin: null });
    await using server = await bench.open(
      {
        start: async (_launch, signal) => {
          waits.resolve();
          return await abortable(new Promise<never>(() => undefined), signal);
        },
      },
      { launchers: { unpack: { launch } } },
    );
    await waits.promise;
    await bench.store.jobs.update(id, { stop: asked(1000) });
    server.scheduler.wake(id);
    const job = await bench.untilState(id, "canceled");
    expect(job).toMatchObject({ startedAt: null, cause: { code: "stopped", evidence: { by: "ann" } } });
    expect((await bench.store.stages.list(id)).map(({ state }) => state)).toEqual(
      before.map(() => "canceled"),
    );
    expect(bench.faults).toEqual([]);
  });

  it("is heard of a stop that comes when it is too late to give up, as soon as it runs", async () => {
    await using bench = await openReconcilerBench();
    const id = await bench.insert({ spec: { command: "fake", args: ["hang"] } });
    await using server = await bench.open({
      start: async (launch, signal) => {
        const started = await bench.engine.start(launch, signal);
        await bench.store.jobs.update(id, { stop: asked(0) });
        server.scheduler.wake(id);
        // It has heard of the stop by the time that it aborts, which is too late for this start.
        if (!signal.aborted) await new Promise((resolve) => signal.addEventListener("abort", resolve));
        return started;
      },
    });
    expect(await bench.untilState(id, "canceled")).toMatchObject({ cause: { code: "stopped" } });
    expect(await bench.engine.list()).toEqual([]);
  });
});
