import { appendFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { type NamedOfJob, noInputs, sampleJob } from "../../test/support/sample-job.ts";
import { type TempFolder, tempFolder } from "../../test/support/temp-folder.ts";
import { until } from "../../test/support/until.ts";
import { createFileArtifactStore } from "../artifacts/files/file-artifact-store.ts";
import type { Job } from "../core/job/job.ts";
import { stopCause } from "../core/cause/stop-cause.ts";
import type { Engine } from "../engines/engine.ts";
import { createFakeEngine } from "../engines/fake/engine.ts";
import { systemClock } from "../lib/clock.ts";
import { createManualClock } from "../lib/manual-clock.ts";
import { createFileLogStore } from "../logs/files/file-log-store.ts";
import type { Follower, LogStore } from "../logs/log-store.ts";
import { openSqliteStore } from "../store/sqlite/open.ts";
import type { Store } from "../store/store.ts";
import type { ReconcilerContext } from "./context.ts";
import { Reconciler } from "./reconciler.ts";

let folder: TempFolder;
let store: Store;
let logs: LogStore;
let engine: Engine;
let faults: string[];

const place = (name: string): string => {
  const path = join(folder.path, name);
  mkdirSync(path, { recursive: true });
  return path;
};

beforeEach(async () => {
  folder = tempFolder();
  store = await openSqliteStore({ path: join(folder.path, "berth.db") });
  logs = createFileLogStore({ root: place("logs") });
  engine = await createFakeEngine({ root: place("engine") });
  faults = [];
});
afterEach(async () => {
  for (const part of [engine, logs, store, folder]) await part[Symbol.asyncDispose]();
});

function reconcilerWith(parts: Partial<ReconcilerContext>, maxJobs = 1): Reconciler {
  return new Reconciler({
    store,
    logs,
    artifacts: createFileArtifactStore({ root: place("artifacts") }),
    engines: new Map([["fake", Object.assign(engine, { maxJobs })]]),
    clock: systemClock,
    settings: {
      stopGraceMs: 1000,
      keepJobsMs: 24 * 3600_000,
      keepOutputBytes: 2 ** 30,
      artifactBytes: 0,
      artifactFiles: 0,
    },
    report: {
      jobStarted: () => {},
      jobEnded: () => {},

      fault: (what) => void faults.push(what),
    },
    ...parts,
  });
}

async function insertJob(change: NamedOfJob): Promise<string> {
  const job = sampleJob({ state: "preparing", ...change });
  job.handle = engine.handleFor(job.id);
  await store.jobs.insert({ job, inputs: noInputs, idempotency: null });
  return job.id;
}

const untilState = (id: string, state: Job["state"]): Promise<unknown> =>
  until(async () => (await store.jobs.get(id))?.state === state, { what: `the state ${state}` });

/** `target` as it is, but for one method. */
function replaced<Target extends object, Name extends keyof Target>(
  target: Target,
  name: Name,
  method: Target[Name],
): Target {
  return new Proxy(target, {
    get(_, asked) {
      if (asked === name) return method;
      const value: unknown = Reflect.get(target, asked);
      return typeof value === "function" ? (value.bind(target) as unknown) : value;
    },
  });
}

function failingTwice<Args extends unknown[], Value>(
  work: (...args: Args) => Promise<Value>,
): (...args: Args) => Promise<Value> {
  let left = 2;
  return async (...args) => {
    if (left === 0) return await work(...args);
    left -= 1;
    throw new Error("not now");
  };
}

it("ends a job whose wait is over though the store could not take it at first", async () => {
  const limits = { ...sampleJob().limits, queueMs: { value: 20, by: "job" as const } };
  const id = await insertJob({ state: "queued", createdAt: Date.now(), limits });
  await insertJob({ spec: { command: "fake", args: ["hang"] } });
  const { jobs } = store;
  let left = 2;
  const transition: typeof jobs.transition = (...args) => {
    if (args[0] !== id || left === 0) return jobs.transition(...args);
    left -= 1;
    return Promise.reject(new Error("not now"));
  };
  const failing = { ...store, jobs: replaced(jobs, "transition", transition) };
  await using reconciler = reconcilerWith({ store: failing });
  await reconciler.start();
  await untilState(id, "failed");
  expect((await store.jobs.get(id))?.cause?.code).toBe("queue_timeout");
  expect(left).toBe(0);
});

it("does not call a job a success whose last output went past its limit", async () => {
  const limits = { ...sampleJob().limits, outputBytes: { value: 1000, by: "job" as const } };
  const id = await insertJob({ limits, spec: { command: "fake", args: ["exit=0"] } });
  const { stdout } = await logs.create(id);
  const wait: Engine["wait"] = async (...args) => {
    const exit = await engine.wait(...args);
    appendFileSync(stdout, "x".repeat(1000));
    return { ...exit, output: { overLimit: "stdout", dropped: { stdout: 2000, stderr: 0 } } };
  };
  await using reconciler = reconcilerWith({ engines: new Map([["fake", replaced(engine, "wait", wait)]]) });
  await reconciler.start();
  await untilState(id, "failed");
  const job = await store.jobs.get(id);
  expect(job).toMatchObject({
    cause: { code: "output_limit", evidence: { bytes: 3000 } },
    usage: { outputBytes: 1000 },
  });
});

it("ends a job whose output cannot be closed at first, as on a full disk", async () => {
  const follow = (...args: Parameters<LogStore["follow"]>): Follower => {
    const follower = logs.follow(...args);
    return replaced(
      follower,
      "finish",
      failingTwice(() => follower.finish()),
    );
  };
  const id = await insertJob({ spec: { command: "fake", args: ["print=x", "exit=3"] } });
  await using reconciler = reconcilerWith({ logs: replaced(logs, "follow", follow) });
  await reconciler.start();
  await untilState(id, "failed");
  expect(await store.jobs.get(id)).toMatchObject({ exitCode: 3, usage: { outputBytes: 2 } });
  expect(faults).toHaveLength(2);
});

it("takes a job up again when watching over it fails", async () => {
  const wait = failingTwice((...args: Parameters<Engine["wait"]>) => engine.wait(...args));
  const id = await insertJob({ spec: { command: "fake", args: ["run-for=50ms", "exit=3"] } });
  await using reconciler = reconcilerWith({ engines: new Map([["fake", replaced(engine, "wait", wait)]]) });
  await reconciler.start();
  await untilState(id, "failed");
  expect(await store.jobs.get(id)).toMatchObject({ exitCode: 3 });
  expect(reconciler.slots("fake").busy).toBe(0);
});

it("cancels a queued job whose stop was stored before the server died", async () => {
  await insertJob({ spec: { command: "fake", args: ["hang"] } });
  const stop = { cause: stopCause.stopped("ann"), graceMs: 5000, requestedAt: 0 };
  const id = await insertJob({ state: "queued", stop });
  await using reconciler = reconcilerWith({});
  await reconciler.start();
  await untilState(id, "canceled");
  expect(reconciler.slots("fake")).toEqual({ total: 1, busy: 1, queued: 0 });
});

it("ends a queued job whose wait was over while no server was there", async () => {
  const clock = createManualClock(sampleJob().createdAt + 30_000);
  await insertJob({ spec: { command: "fake", args: ["hang"] } });
  const waits = (ms: number) => ({ ...sampleJob().limits, queueMs: { value: ms, by: "job" as const } });
  const late = await insertJob({ state: "queued", limits: waits(20_000) });
  const inTime = await insertJob({ state: "queued", limits: waits(40_000) });
  await using reconciler = reconcilerWith({ clock });
  await reconciler.start();
  clock.advance(0);
  await untilState(late, "failed");
  expect((await store.jobs.get(late))?.cause?.code).toBe("queue_timeout");
  expect((await store.jobs.get(inTime))?.state).toBe("queued");
  clock.advance(10_000);
  await untilState(inTime, "failed");
});

it("carries out a stop that the engine could not carry out at first", async () => {
  const stop = failingTwice((...args: Parameters<Engine["stop"]>) => engine.stop(...args));
  const id = await insertJob({ spec: { command: "fake", args: ["hang"] } });
  await using reconciler = reconcilerWith({ engines: new Map([["fake", replaced(engine, "stop", stop)]]) });
  await reconciler.start();
  await untilState(id, "running");
  await store.jobs.update(id, {
    stop: { cause: stopCause.stopped("ann"), graceMs: 5000, requestedAt: Date.now() },
  });
  reconciler.wake(id);
  await untilState(id, "canceled");
  expect(faults).toHaveLength(2);
});

it("forgets a job's artifacts also when its output cannot be removed", async () => {
  const artifacts = createFileArtifactStore({ root: place("artifacts") });
  const id = await insertJob({});
  await store.jobs.transition(id, "succeeded", { at: 1, endedAt: 1 });
  await artifacts.prepare(id);
  const items = [{ path: "a", size: 1, modifiedAt: new Date().toISOString() }];
  await artifacts.save(id, { items, skipped: [] }, { heldBytes: 1 });
  const failing = replaced(
    logs,
    "delete",
    failingTwice(() => Promise.resolve()),
  );
  await using reconciler = reconcilerWith({ artifacts, logs: failing });
  await expect(reconciler.forget({ id, handle: null, engine: "fake" })).rejects.toThrow("not now");
  expect(await artifacts.list(id)).toEqual({ items: [], skipped: [] });
});

it("gives a job that was asked to stop before a restart what is left of its grace", async () => {
  const id = await insertJob({ spec: { command: "fake", args: ["ignore-term", "hang"] } });
  const before = reconcilerWith({});
  await before.start();
  await untilState(id, "running");
  await before[Symbol.asyncDispose]();
  const requestedAt = Date.now() - 59_000;
  await store.jobs.update(id, { stop: { cause: stopCause.stopped("ann"), graceMs: 60_000, requestedAt } });
  const graces: number[] = [];
  const stop: Engine["stop"] = async (handle, { graceMs }) => {
    graces.push(graceMs);
    return await engine.stop(handle, { graceMs: 0 });
  };
  await using after = reconcilerWith({ engines: new Map([["fake", replaced(engine, "stop", stop)]]) });
  await after.start();
  await untilState(id, "canceled");
  expect(graces).toHaveLength(1);
  expect(graces[0]).toBeLessThanOrEqual(1000);
});

it("keeps when a short job began, though the server goes down between its exit and the record of it", async () => {
  const spec = { command: "fake", args: ["run-for=5ms"], resultFile: "result.json" };
  const id = await insertJob({ spec });
  const down = Promise.withResolvers<void>();
  const closing = replaced(engine, "readFile", async () => {
    first[Symbol.asyncDispose]().then(down.resolve, down.reject);
    return null;
  });
  const first = reconcilerWith({ engines: new Map([["fake", closing]]) });
  await first.start();
  await down.promise;
  expect((await store.jobs.get(id))?.state).toBe("preparing");
  await using second = reconcilerWith({});
  await second.start();
  await untilState(id, "succeeded");
  expect((await store.jobs.get(id))?.usage.wallMs).toBeGreaterThanOrEqual(5);
  const types = (await store.events.list(id, 0)).map(({ type }) => type);
  expect(types).toEqual(["queued", "preparing", "running", "succeeded"]);
});

it("forgets what a job brought with it once it has ended, also when what it made cannot be removed", async () => {
  const files = { "secret.txt": { size: 6 } };
  const inputs = {
    files: [{ name: "secret.txt", content: Buffer.from("secret") }],
    stdin: Buffer.from("in"),
  };
  const job = sampleJob({ state: "preparing", spec: { command: "fake", args: ["exit=0"], files } });
  job.handle = engine.handleFor(job.id);
  await store.jobs.insert({ job, inputs, idempotency: null });
  const destroy = (): Promise<void> => Promise.reject(new Error("busy"));
  const failing = replaced(engine, "destroy", destroy);
  await using reconciler = reconcilerWith({ engines: new Map([["fake", failing]]) });
  await reconciler.start();
  await untilState(job.id, "succeeded");
  const isGone = async (): Promise<boolean> => (await store.jobs.inputs(job.id)).files.length === 0;
  await until(isGone, { what: "the end of the inputs" });
  expect(await store.jobs.inputs(job.id)).toEqual(noInputs);
});

it("forgets what ended jobs brought with them whose server went down right after the record", async () => {
  const inputs = { files: [], stdin: Buffer.from("secret") };
  const [ended, queued] = [sampleJob({ state: "preparing" }), sampleJob({ state: "queued", engine: "gone" })];
  for (const job of [ended, queued]) await store.jobs.insert({ job, inputs, idempotency: null });
  const endedAt = Date.now();
  await store.jobs.transition(ended.id, "failed", { at: endedAt, endedAt });
  const id = await insertJob({ spec: { command: "fake", args: ["hang"] } });
  await using reconciler = reconcilerWith({}, 1);
  await reconciler.start();
  await untilState(id, "running");
  const isGone = async (): Promise<boolean> => (await store.jobs.inputs(ended.id)).stdin === null;
  await until(isGone, { what: "the sweep" });
  expect(await store.jobs.get(ended.id)).not.toBeNull();
});

it("looks for what is too much as soon as a job's artifacts are, whatever was printed", async () => {
  const [oldest, ended] = [await insertJob({ owner: "greedy" }), await insertJob({ owner: "greedy" })];
  const endedAt = Date.now();
  for (const id of [oldest, ended]) await store.jobs.transition(id, "succeeded", { at: endedAt, endedAt });
  const spec = { command: "fake", args: ["run-for=500ms", "save-bytes=big:2MiB"], collect: ["big"] };
  await insertJob({ owner: "greedy", spec });
  const settings = { stopGraceMs: 1000, keepJobsMs: 1e10, keepOutputBytes: 2 ** 20 };
  await using reconciler = reconcilerWith({
    settings: { ...settings, artifactBytes: 2 ** 30, artifactFiles: 10 },
  });
  await reconciler.start();
  // By itself it would look again in ten minutes.
  await until(async () => (await store.jobs.get(oldest)) === null, { what: "the sweep" });
  expect(faults).toEqual([]);
});
