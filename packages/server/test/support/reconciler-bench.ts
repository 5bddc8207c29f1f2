import { join } from "node:path";
import { isTerminal } from "@berth/protocol";
import { openControlPlane } from "../../src/control-plane.ts";
import type { Job } from "../../src/core/job/job.ts";
import type { InfrastructureKind } from "../../src/core/stages/kinds.ts";
import { newStage } from "../../src/core/stages/new-stage.ts";
import type { Engine } from "../../src/engines/engine.ts";
import { createFakeEngine } from "../../src/engines/fake/engine.ts";
import { systemClock } from "../../src/lib/clock.ts";
import { newId } from "../../src/lib/ids.ts";
import { createFileArtifactStore } from "../../src/artifacts/files/file-artifact-store.ts";
import { createFileLogStore } from "../../src/logs/files/file-log-store.ts";
import type { ReconcilerContext } from "../../src/reconciler/context.ts";
import type { Context, Scheduler } from "../../src/operations/context.ts";
import type { Launchers } from "../../src/reconciler/walk/launches/launcher.ts";
import { prepare } from "../../src/reconciler/walk/prepare/prepare.ts";
import { openSqliteStore } from "../../src/store/sqlite/open.ts";
import type { Store } from "../../src/store/store.ts";
import { planeSettings } from "./plane-settings.ts";
import { serverAudit } from "./sample-audit.ts";
import { type NamedOfJob, noInputs, sampleJob } from "./sample-job.ts";
import { tempFolder } from "./temp-folder.ts";
import { until } from "./until.ts";

/** A server without doors, on the bench's folder. Disposing it leaves running jobs to the next one. */
interface BenchServer extends AsyncDisposable {
  readonly context: Context;
  readonly scheduler: Scheduler;
}

/**
 * A data folder, and control planes on it that come and go, one at a time. Before the first and after each of them the
 * store is in the hands of the test, which can leave in it what a server has left that died.
 */
export interface ReconcilerBench extends AsyncDisposable {
  /** That of the server that is there, or the test's own where none is. */
  readonly store: Store;
  /** The file below the store. */
  readonly database: string;
  readonly engine: Engine;
  /** What the servers have reported as failed. */
  readonly faults: string[];
  /** Opens a control plane on the bench's engine, but for the methods that are replaced; it takes up what is there. */
  open(
    methods?: Partial<Engine>,
    parts?: {
      stopGraceMs?: number;
      queueLength?: number;
      launchers?: Launchers;
      /** Of the closed addresses those that callbacks may reach. */
      callbacks?: readonly string[];
    },
  ): Promise<BenchServer>;
  /** `before`: kinds of stages that come before the user's. */
  insert(change: NamedOfJob, before?: readonly InfrastructureKind[]): Promise<string>;
  /** Has the engine start it, as by a server that died before it recorded that. */
  startUnrecorded(id: string): Promise<void>;
  untilState(id: string, state: Job["state"]): Promise<Job>;
  eventsOf(id: string): Promise<string[]>;
}

export async function openReconcilerBench(): Promise<ReconcilerBench> {
  const folder = tempFolder();
  const dataDir = folder.path;
  const database = join(dataDir, "berth.db");
  const openStore = (): Promise<Store> => openSqliteStore({ path: database });
  let store = await openStore();
  const engine = await createFakeEngine({ root: join(dataDir, "fake") });
  const faults: string[] = [];
  const bench: ReconcilerBench = {
    get store() {
      return store;
    },
    database,
    engine,
    faults,
    async open(methods = {}, { launchers, callbacks: allowed = [], ...parts } = {}) {
      await store[Symbol.asyncDispose]();
      const plane = await openControlPlane(
        { ...planeSettings, stopGraceMs: 1000, ...parts, dataDir, callbacks: { allowed } },
        {
          events: { ...noEvents, fault: (what) => void faults.push(what) },
          reportDisk: () => undefined,
          engines: [() => Promise.resolve(lentEngine(engine, methods))],
          ...(launchers && { launchers }),
        },
      );
      ({ store } = plane.context);
      return {
        context: plane.context,
        scheduler: plane.context.scheduler,
        async [Symbol.asyncDispose]() {
          await plane[Symbol.asyncDispose]();
          store = await openStore();
        },
      };
    },
    async insert(change, before = []) {
      const job = sampleJob({ state: "preparing", stagesBefore: before.length, ...change });
      job.handle = engine.handleFor(job.id);
      const stages = before.map((kind, position) => {
        const id = newId();
        return newStage({ id, jobId: job.id, kind, position, handle: engine.handleFor(id), isolation: null });
      });
      await store.jobs.insert({ job, inputs: noInputs, stages, idempotency: null });
      return job.id;
    },
    async startUnrecorded(id) {
      const job = await store.jobs.get(id);
      if (!job?.handle) throw new Error(`Cannot start job "${id}": it is not there`);
      await using logs = createFileLogStore({ root: join(dataDir, "logs") });
      const launch = await prepare(
        contextOf({ store, engine, logs }),
        { ...job, handle: job.handle },
        { work: { kind: "own" }, storing: null },
      );
      await engine.start(launch, AbortSignal.timeout(60_000));
    },
    untilState: (id, state) =>
      until(
        async () => {
          const job = await store.jobs.get(id);
          if (job?.state === state) return job;
          if (job && isTerminal(job.state)) throw new Error(`The job is ${job.state}: ${job.cause?.message}`);
          return null;
        },
        { what: `the state ${state}` },
      ),
    eventsOf: async (id) => (await store.events.list(id, 0)).map(({ type }) => type),
    async [Symbol.asyncDispose]() {
      for (const part of [engine, store, folder]) await part[Symbol.asyncDispose]();
    },
  };
  return bench;
}

const noEvents = {
  jobSubmitted: () => undefined,
  accessChanged: () => undefined,
  jobStarted: () => undefined,
  jobEnded: () => undefined,
};

/** What gathers the launch of a job; nothing else of it is used. */
function contextOf(parts: Pick<ReconcilerContext, "store" | "logs"> & { engine: Engine }): ReconcilerContext {
  const { store, logs, engine } = parts;
  const settings = { stopGraceMs: 0, keepJobsMs: 0, keepOutputBytes: 0, artifactBytes: 0, artifactFiles: 0 };
  return {
    store,
    audit: serverAudit,
    logs,
    artifacts: createFileArtifactStore({ root: "/nonexistent" }),
    engines: new Map([[engine.name, engine]]),
    clock: systemClock,
    settings,
    report: { ...noEvents, fault: () => undefined },
  };
}

/** Outlives the servers that it is lent to, as jobs do. */
function lentEngine(engine: Engine, methods: Partial<Engine>): Engine {
  const replaced: Partial<Engine> = { ...methods, [Symbol.asyncDispose]: () => Promise.resolve() };
  return new Proxy(engine, {
    get(target, name) {
      const own: unknown = Reflect.get(replaced, name) ?? Reflect.get(target, name);
      return typeof own === "function" && !Reflect.has(replaced, name) ? (own.bind(target) as unknown) : own;
    },
  });
}
