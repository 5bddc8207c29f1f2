import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { sampleEntry, serverAudit } from "../../test/support/sample-audit.ts";
import { type NamedOfJob, noInputs, sampleJob } from "../../test/support/sample-job.ts";
import { type TempFolder, tempFolder } from "../../test/support/temp-folder.ts";
import { failingTwice } from "../../test/support/failing-twice.ts";
import { until } from "../../test/support/until.ts";
import { createFileArtifactStore } from "../artifacts/files/file-artifact-store.ts";
import type { Job } from "../core/job/job.ts";
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

/** Not by `openControlPlane`: what these replace, a store, a log or a clock that fails, it opens by itself. */
function reconcilerWith(parts: Partial<ReconcilerContext>, maxJobs = 1): Reconciler {
  return new Reconciler({
    store,
    audit: serverAudit,
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
  await expect(reconciler.forget({ id, handle: null, engine: "fake" }, sampleEntry())).rejects.toThrow(
    "not now",
  );
  expect(await artifacts.list(id)).toEqual({ items: [], skipped: [] });
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

it("takes up those that ran before those that wait", async () => {
  const waits = await insertJob({ state: "queued" });
  const ran = await insertJob({ state: "preparing", spec: { command: "fake", args: ["exit=0"] } });
  const { jobs } = store;
  const get = jobs.get.bind(jobs);
  const gate = Promise.withResolvers<void>();
  const held: typeof jobs.get = async (id) => {
    if (id === waits) await gate.promise;
    return get(id);
  };
  await using reconciler = reconcilerWith({ store: { ...store, jobs: replaced(jobs, "get", held) } });
  const started = reconciler.start();
  await untilState(ran, "succeeded");
  expect((await get(waits))?.state).toBe("queued");
  gate.resolve();
  await started;
});
