import { appendFileSync } from "node:fs";
import { afterEach, beforeEach, expect, it } from "vitest";
import { openReconcilerBench, type ReconcilerBench } from "../../test/support/reconciler-bench.ts";
import { noInputs, sampleJob } from "../../test/support/sample-job.ts";
import { failingTwice } from "../../test/support/failing-twice.ts";
import { until } from "../../test/support/until.ts";
import { stopCause } from "../core/cause/stop-cause.ts";
import type { Engine } from "../engines/engine.ts";

let bench: ReconcilerBench;

beforeEach(async () => {
  bench = await openReconcilerBench();
});
afterEach(() => bench[Symbol.asyncDispose]());

it("does not call a job a success whose last output went past its limit", async () => {
  const limits = { ...sampleJob().limits, outputBytes: { value: 1000, by: "job" as const } };
  const id = await bench.insert({ limits, spec: { command: "fake", args: ["exit=0"] } });
  let stdout = "";
  const start: Engine["start"] = async (launch, signal) => {
    ({ stdout } = launch.output);
    return await bench.engine.start(launch, signal);
  };
  const wait: Engine["wait"] = async (...args) => {
    const exit = await bench.engine.wait(...args);
    appendFileSync(stdout, "x".repeat(1000));
    return { ...exit, output: { overLimit: "stdout", dropped: { stdout: 2000, stderr: 0 } } };
  };
  await using _server = await bench.open({ start, wait });
  await bench.untilState(id, "failed");
  const job = await bench.store.jobs.get(id);
  expect(job).toMatchObject({
    cause: { code: "output_limit", evidence: { bytes: 3000 } },
    usage: { outputBytes: 1000 },
  });
});

it("takes a job up again when watching over it fails", async () => {
  const wait = failingTwice((...args: Parameters<Engine["wait"]>) => bench.engine.wait(...args));
  const id = await bench.insert({ spec: { command: "fake", args: ["run-for=50ms", "exit=3"] } });
  await using server = await bench.open({ wait });
  await bench.untilState(id, "failed");
  expect(await bench.store.jobs.get(id)).toMatchObject({ exitCode: 3 });
  expect(server.scheduler.slots("fake").busy).toBe(0);
});

it("cancels a queued job whose stop was stored before the server died", async () => {
  await bench.insert({ spec: { command: "fake", args: ["hang"] } });
  const stop = { cause: stopCause.stopped("ann"), graceMs: 5000, requestedAt: 0 };
  const id = await bench.insert({ state: "queued", stop });
  await using server = await bench.open({ maxJobs: 1 });
  await bench.untilState(id, "canceled");
  expect(server.scheduler.slots("fake")).toEqual({ total: 1, busy: 1, queued: 0, owners: 0 });
});

it("carries out a stop that the engine could not carry out at first", async () => {
  const stop = failingTwice((...args: Parameters<Engine["stop"]>) => bench.engine.stop(...args));
  const id = await bench.insert({ spec: { command: "fake", args: ["hang"] } });
  await using server = await bench.open({ stop });
  await bench.untilState(id, "running");
  await bench.store.jobs.update(id, {
    stop: { cause: stopCause.stopped("ann"), graceMs: 5000, requestedAt: Date.now() },
  });
  server.scheduler.wake(id);
  await bench.untilState(id, "canceled");
  expect(bench.faults).toHaveLength(2);
});

it("gives a job that was asked to stop before a restart what is left of its grace", async () => {
  const id = await bench.insert({ spec: { command: "fake", args: ["ignore-term", "hang"] } });
  const before = await bench.open();
  await bench.untilState(id, "running");
  await before[Symbol.asyncDispose]();
  const requestedAt = Date.now() - 59_000;
  await bench.store.jobs.update(id, {
    stop: { cause: stopCause.stopped("ann"), graceMs: 60_000, requestedAt },
  });
  const graces: number[] = [];
  const stop: Engine["stop"] = async (handle, { graceMs }) => {
    graces.push(graceMs);
    return await bench.engine.stop(handle, { graceMs: 0 });
  };
  await using _after = await bench.open({ stop });
  await bench.untilState(id, "canceled");
  expect(graces).toHaveLength(1);
  expect(graces[0]).toBeLessThanOrEqual(1000);
});

it("keeps when a short job began, though the server goes down between its exit and the record of it", async () => {
  const spec = { command: "fake", args: ["run-for=5ms"], resultFile: "result.json" };
  const id = await bench.insert({ spec });
  const down = Promise.withResolvers<void>();
  const opened = Promise.withResolvers<AsyncDisposable>();
  let goingDown: AbortSignal | null = null;
  const readFile: Engine["readFile"] = async () => {
    const first = await opened.promise;
    first[Symbol.asyncDispose]().then(down.resolve, down.reject);
    // What comes after the server has been told to end.
    await new Promise((resolve) => goingDown?.addEventListener("abort", resolve, { once: true }));
    return null;
  };
  const wait: Engine["wait"] = (handle, signal) => {
    goingDown = signal;
    return bench.engine.wait(handle, signal);
  };
  opened.resolve(await bench.open({ readFile, wait }));
  await down.promise;
  expect((await bench.store.jobs.get(id))?.state).toBe("preparing");
  await using _second = await bench.open();
  await bench.untilState(id, "succeeded");
  expect((await bench.store.jobs.get(id))?.usage.wallMs).toBeGreaterThanOrEqual(5);
  const types = (await bench.store.events.list(id, 0)).map(({ type }) => type);
  expect(types).toEqual(["queued", "preparing", "running", "succeeded"]);
});

it("forgets what a job brought with it once it has ended, also when what it made cannot be removed", async () => {
  const files = { "secret.txt": { size: 6 } };
  const inputs = {
    files: [{ name: "secret.txt", content: Buffer.from("secret") }],
    stdin: Buffer.from("in"),
  };
  const job = sampleJob({ state: "preparing", spec: { command: "fake", args: ["exit=0"], files } });
  job.handle = bench.engine.handleFor(job.id);
  await bench.store.jobs.insert({ job, inputs, idempotency: null });
  const destroy = (): Promise<void> => Promise.reject(new Error("busy"));
  await using _server = await bench.open({ destroy });
  await bench.untilState(job.id, "succeeded");
  const isGone = async (): Promise<boolean> => (await bench.store.jobs.inputs(job.id)).files.length === 0;
  await until(isGone, { what: "the end of the inputs" });
  expect(await bench.store.jobs.inputs(job.id)).toEqual(noInputs);
});

it("forgets what ended jobs brought with them whose server went down right after the record", async () => {
  const inputs = { files: [], stdin: Buffer.from("secret") };
  const [ended, queued] = [sampleJob({ state: "preparing" }), sampleJob({ state: "queued", engine: "gone" })];
  for (const job of [ended, queued]) await bench.store.jobs.insert({ job, inputs, idempotency: null });
  const endedAt = Date.now();
  await bench.store.jobs.transition(ended.id, "failed", { at: endedAt, endedAt });
  const id = await bench.insert({ spec: { command: "fake", args: ["hang"] } });
  await using _server = await bench.open({ maxJobs: 1 });
  await bench.untilState(id, "running");
  const isGone = async (): Promise<boolean> => (await bench.store.jobs.inputs(ended.id)).stdin === null;
  await until(isGone, { what: "the sweep" });
  expect(await bench.store.jobs.get(ended.id)).not.toBeNull();
});
