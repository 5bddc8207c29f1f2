import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openReconcilerBench, type ReconcilerBench } from "../../test/support/reconciler-bench.ts";
import { type NamedOfJob, sampleJob } from "../../test/support/sample-job.ts";
import { until } from "../../test/support/until.ts";
import { type Engine, EngineError } from "../engines/engine.ts";

let bench: ReconcilerBench;
beforeEach(async () => {
  bench = await openReconcilerBench();
});
afterEach(() => bench[Symbol.asyncDispose]());

const short = { spec: { command: "fake", args: ["exit=3"] } };

/** The engine's start, with the ids that it was called for. */
function countedStart(work: (count: number) => Promise<void> = async () => {}) {
  const started: string[] = [];
  const start: Engine["start"] = async (launch, signal) => {
    started.push(launch.id);
    await work(started.length);
    return await bench.engine.start(launch, signal);
  };
  return { started, start };
}

const forgotten: Engine["recover"] = async (handle) => {
  const recovered = await bench.engine.recover(handle);
  return recovered.kind === "never-started" ? { kind: "forgotten" } : recovered;
};

describe("a job that an earlier server recorded as running, and of which nothing is left,", () => {
  it.each(["running", "stopping"] as const)(
    "is lost and never started again, as it was %s",
    async (state) => {
      const id = await bench.insert(short);
      await bench.store.jobs.transition(id, "running", { at: 10, startedAt: 10 });
      if (state === "stopping") await bench.store.jobs.transition(id, "stopping", { at: 20 });
      const { started, start } = countedStart();
      await using _server = await bench.open({ start });
      expect(await bench.untilState(id, "lost")).toMatchObject({ cause: { code: "lost" }, startedAt: 10 });
      expect(started).toEqual([]);
    },
  );
});

describe("a start that failed", () => {
  it.each([
    { what: "for what the engine calls final", error: final(), tries: 1 },
    { what: "for what the engine calls passing", error: passing(), tries: 3 },
    { what: "for what nobody expected", error: new Error("unexpected"), tries: 1 },
  ])("$what is tried $tries times in all", async ({ error, tries }) => {
    const { started, start } = countedStart(() => Promise.reject(error));
    const id = await bench.insert(short);
    await using _server = await bench.open({ start });
    expect(await bench.untilState(id, "failed")).toMatchObject({ cause: { code: "engine_failed" } });
    expect(started).toHaveLength(tries);
  });

  it("for something passing, and then succeeded, has run once", async () => {
    const { started, start } = countedStart((count) =>
      count < 3 ? Promise.reject(passing()) : Promise.resolve(),
    );
    const id = await bench.insert(short);
    await using _server = await bench.open({ start });
    expect(await bench.untilState(id, "failed")).toMatchObject({ exitCode: 3 });
    expect(started).toHaveLength(3);
    expect(await bench.eventsOf(id)).toEqual(["queued", "preparing", "running", "failed"]);
  });
});

describe("after a restart of the host", () => {
  it("a job that was being started is lost, as it may have run", async () => {
    const { started, start } = countedStart();
    const id = await bench.insert(short);
    await using _server = await bench.open({ start, recover: forgotten });
    const { cause } = await bench.untilState(id, "lost");
    expect(cause).toMatchObject({ code: "lost", message: expect.stringContaining("restarted") as string });
    expect(started).toEqual([]);
  });

  it("jobs that were still queued run, once each", async () => {
    const ids = [
      await bench.insert({ ...short, state: "queued" }),
      await bench.insert({ ...short, state: "queued" }),
    ];
    const { started, start } = countedStart();
    await using _server = await bench.open({ start, recover: forgotten });
    for (const id of ids) expect(await bench.untilState(id, "failed")).toMatchObject({ exitCode: 3 });
    expect(started).toEqual(ids);
  });

  it("new jobs run, with a free place and without, also when their first try fails", async () => {
    let faults = 2;
    const inputs: Engine["recover"] = (handle) => forgotten(handle);
    const { started, start } = countedStart();
    await using server = await bench.open({ start, recover: inputs });
    const get = bench.store.jobs.get.bind(bench.store.jobs);
    const ids: string[] = [];
    for (const place of ["free", "queue"]) {
      const id = await bench.insert({ ...short, state: place === "free" ? "preparing" : "queued" });
      ids.push(id);
      server.scheduler.reserve({
        id,
        owner: "alice",
        engine: "fake",
        priority: 0,
        limits: { cpu: null, memory: null },
      });
    }
    bench.store.jobs.get = async (id) => {
      if (faults > 0 && (faults -= 1) >= 0) throw new Error("the disk is away");
      return await get(id);
    };
    for (const id of ids) server.scheduler.wake(id);
    for (const id of ids) expect(await bench.untilState(id, "failed")).toMatchObject({ exitCode: 3 });
    expect(started.toSorted()).toEqual(ids.toSorted());
  });

  it("the engine is told to remember once everything that was begun is recorded, and no earlier", async () => {
    const ids = [await bench.insert(short), await bench.insert(short)];
    const held = Promise.withResolvers<void>();
    let told = 0;
    const remembered: string[][] = [];
    const statesNow = async (): Promise<string[]> =>
      await Promise.all(ids.map(async (id) => (await bench.store.jobs.get(id))?.state ?? "gone"));
    const recover: Engine["recover"] = async (handle) => {
      if (handle.endsWith(ids[1] ?? "")) await held.promise;
      return await forgotten(handle);
    };
    const remember = async (): Promise<void> => {
      // Told at once: the store cannot be asked before the server stands.
      told += 1;
      remembered.push(await statesNow());
    };
    await using _server = await bench.open({ recover, remember, maxJobs: 2 });
    // Let go also where what follows fails: the server waits for it before it closes.
    using letGo = new DisposableStack();
    letGo.defer(() => held.resolve());
    await bench.untilState(ids[0] ?? "", "lost");
    expect(told).toBe(0);
    letGo.dispose();
    await until(() => remembered.length > 0, { what: "the word to the engine" });
    expect(remembered).toEqual([["lost", "lost"]]);
  });
});

describe("a job whose start was not recorded before the server died", () => {
  const stay = { command: "fake", args: ["print=begin", "hang"] };

  async function startedUnrecorded(change: NamedOfJob): Promise<string> {
    const id = await bench.insert(change);
    await bench.startUnrecorded(id);
    return id;
  }

  it("has its start among its events, though its run time is over by the time that it is taken up", async () => {
    const limits = { ...sampleJob().limits, runMs: { value: 1, by: "job" as const } };
    const id = await startedUnrecorded({ spec: stay, limits });
    const { startedAt } = (await bench.engine.recover(bench.engine.handleFor(id))) as { startedAt: number };
    await until(() => Date.now() > startedAt + 1, { what: "the end of its run time" });
    await using _server = await bench.open();
    expect(await bench.untilState(id, "failed")).toMatchObject({ cause: { code: "run_timeout" }, startedAt });
    const events = await bench.store.events.list(id, 0);
    expect(events.map(({ type }) => type)).toEqual(["queued", "preparing", "running", "stopping", "failed"]);
    expect(events[2]).toMatchObject({ at: startedAt, deadlineAt: startedAt + 1 });
  });

  it("has its start among its events where it is lost", async () => {
    const id = await startedUnrecorded({ spec: { ...stay, args: ["lost-on-restart", ...stay.args] } });
    await using _server = await bench.open({
      recover: async () => ({ kind: "lost", startedAt: 77, why: "its shim is gone" }),
    });
    expect(await bench.untilState(id, "lost")).toMatchObject({ startedAt: 77 });
    expect(await bench.eventsOf(id)).toEqual(["queued", "preparing", "running", "lost"]);
  });

  it("and that ended by itself meanwhile, never ran out of time, however late that is noticed", async () => {
    const limits = { ...sampleJob().limits, runMs: { value: 60, by: "job" as const } };
    const id = await startedUnrecorded({ spec: { command: "fake", args: ["exit=3"] }, limits });
    const wait: Engine["wait"] = async (handle, signal) => {
      const exit = await bench.engine.wait(handle, signal);
      await until(() => Date.now() > (exit.endedAt ?? 0) + 200, { what: "a slow answer" });
      return exit;
    };
    await bench.engine.wait(bench.engine.handleFor(id), AbortSignal.timeout(60_000));
    await using _server = await bench.open({ wait });
    expect(await bench.untilState(id, "failed")).toMatchObject({ cause: { code: "exit" }, exitCode: 3 });
    expect(await bench.eventsOf(id)).toEqual(["queued", "preparing", "running", "failed"]);
  });
});

it("a job that is stopped in the moment of its start has its start among its events", async () => {
  const id = await bench.insert({ spec: { command: "fake", args: ["hang"] } });
  const limits = { ...sampleJob().limits, runMs: { value: 1, by: "job" as const } };
  const next = await bench.insert({ state: "queued", spec: { command: "fake", args: ["hang"] }, limits });
  const { start } = countedStart();
  const opened = Promise.withResolvers<Awaited<ReturnType<ReconcilerBench["open"]>>>();
  const stopping: Engine["start"] = async (launch, signal) => {
    const running = await start(launch, signal);
    if (launch.id === id) {
      const cause = { code: "stopped" as const, message: "", evidence: {} };
      await bench.store.jobs.update(id, { stop: { cause, graceMs: 0, requestedAt: Date.now() } });
      (await opened.promise).scheduler.wake(id);
    }
    return running;
  };
  await using server = await bench.open({ start: stopping });
  opened.resolve(server);
  await bench.untilState(id, "canceled");
  await bench.untilState(next, "failed");
  expect(await bench.eventsOf(id)).toEqual(["queued", "preparing", "running", "stopping", "canceled"]);
  expect(await bench.eventsOf(next)).toEqual(["queued", "preparing", "running", "stopping", "failed"]);
});

function final(): EngineError {
  return new EngineError("it will never do", { blame: "engine", retryable: false });
}

function passing(): EngineError {
  return new EngineError("not now", { blame: "engine", retryable: true });
}
