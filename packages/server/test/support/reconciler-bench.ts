import { mkdirSync } from "node:fs";
import { isTerminal } from "@berth/protocol";
import { join } from "node:path";
import { createFileArtifactStore } from "../../src/artifacts/files/file-artifact-store.ts";
import type { Job } from "../../src/core/job/job.ts";
import type { InfrastructureKind } from "../../src/core/stages/kinds.ts";
import { newStage } from "../../src/core/stages/new-stage.ts";
import type { Engine } from "../../src/engines/engine.ts";
import { createFakeEngine } from "../../src/engines/fake/engine.ts";
import { systemClock } from "../../src/lib/clock.ts";
import { newId } from "../../src/lib/ids.ts";
import { createFileLogStore } from "../../src/logs/files/file-log-store.ts";
import type { ReconcilerContext } from "../../src/reconciler/context.ts";
import type { Launchers } from "../../src/reconciler/walk/launches/launcher.ts";
import { prepare } from "../../src/reconciler/walk/prepare/prepare.ts";
import { Reconciler } from "../../src/reconciler/reconciler.ts";
import { openSqliteStore } from "../../src/store/sqlite/open.ts";
import type { Store } from "../../src/store/store.ts";
import { type NamedOfJob, noInputs, sampleJob } from "./sample-job.ts";
import { tempFolder } from "./temp-folder.ts";
import { until } from "./until.ts";

/** The parts of a control plane on a folder of their own, for reconcilers that come and go. */
export interface ReconcilerBench extends AsyncDisposable {
  readonly store: Store;
  /** The file below the store. */
  readonly database: string;
  readonly engine: Engine;
  /** What the reconcilers have reported as failed. */
  readonly faults: string[];
  /** On the real engine, but for the methods that are replaced. Not started. */
  open(
    methods?: Partial<Engine>,
    settings?: Partial<ReconcilerContext["settings"]>,
    launchers?: Launchers,
  ): Reconciler;
  /** `before`: kinds of stages that come before the user's. */
  insert(change: NamedOfJob, before?: readonly InfrastructureKind[]): Promise<string>;
  /** Has the engine start it, as by a server that died before it recorded that. */
  startUnrecorded(id: string): Promise<void>;
  untilState(id: string, state: Job["state"]): Promise<Job>;
  eventsOf(id: string): Promise<string[]>;
}

export async function openReconcilerBench(): Promise<ReconcilerBench> {
  const folder = tempFolder();
  const place = (name: string): string => {
    const path = join(folder.path, name);
    mkdirSync(path, { recursive: true });
    return path;
  };
  const database = join(folder.path, "berth.db");
  const store = await openSqliteStore({ path: database });
  const logs = createFileLogStore({ root: place("logs") });
  const engine = await createFakeEngine({ root: place("engine") });
  const artifacts = createFileArtifactStore({ root: place("artifacts") });
  const faults: string[] = [];
  const context: ReconcilerContext = {
    store,
    logs,
    artifacts,
    engines: new Map([["fake", engine]]),
    clock: systemClock,
    settings: {
      stopGraceMs: 1000,
      keepJobsMs: 24 * 3_600_000,
      keepOutputBytes: 2 ** 30,
      artifactBytes: 0,
      artifactFiles: 0,
    },
    report: { jobStarted: () => {}, jobEnded: () => {}, fault: (what) => void faults.push(what) },
  };
  return {
    store,
    database,
    engine,
    faults,
    open: (methods = {}, settings = {}, launchers = {}) =>
      new Reconciler({
        ...context,
        engines: new Map([["fake", withMethods(engine, methods)]]),
        settings: { ...context.settings, ...settings },
        launchers,
      }),
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
      const launch = await prepare(
        context,
        { ...job, handle: job.handle },
        { work: { kind: "own" }, isStored: true },
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
      for (const part of [engine, logs, store, folder]) await part[Symbol.asyncDispose]();
    },
  };
}

function withMethods(engine: Engine, methods: Partial<Engine>): Engine {
  return new Proxy(engine, {
    get(target, name) {
      const replaced: unknown = Reflect.get(methods, name);
      if (replaced !== undefined) return replaced;
      const value: unknown = Reflect.get(target, name);
      return typeof value === "function" ? (value.bind(target) as unknown) : value;
    },
  });
}
