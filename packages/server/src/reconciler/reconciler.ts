import type { Job } from "../core/job/job.ts";
import type { NetworkGrant } from "../core/network/profile.ts";
import type { Limits } from "../core/limits.ts";
import type { Shortage } from "../core/queue/running-use.ts";
import type { SlotFigures } from "../core/queue/slot-figures.ts";
import type { Readiness } from "../core/readiness.ts";
import type { Engine } from "../engines/engine.ts";
import { retry } from "../lib/retry.ts";
import type { ReconcilerContext } from "./context.ts";
import { type LimitsOfQuota, Queue } from "./queue/queue.ts";
import { isStored, JobsBeingStored, type Storing } from "./walk/storing.ts";
import { endLeftElsewhere } from "./recovery/end-left-elsewhere.ts";
import { walkJob } from "./walk/walk-job.ts";
import { probeEngine } from "./readiness/probe-engine.ts";
import { EngineReadiness } from "./readiness/readiness.ts";
import type { AuditEntry } from "../core/audit/record.ts";
import { forgetJob } from "./sweeps/forget-job.ts";
import { sweepOrphans } from "./sweeps/orphans.ts";
import { SweepPace } from "./sweeps/sweep-pace.ts";
import { sweepRetention } from "./sweeps/retention.ts";
import { removeNameless, sweepUploads } from "./sweeps/uploads.ts";

interface Taken {
  fresh: boolean;
  /** For a job that is still being stored. */
  storing?: Storing | null;
  /** For a job that an earlier server had begun: to be called when what became of it is known and recorded. */
  recovered: (() => void) | null;
}

/**
 * Brings about what the store says: gives jobs slots, runs them to their end, takes up what an earlier server left,
 * sweeps. Works by job id only; any of it may be repeated.
 */
export class Reconciler implements AsyncDisposable {
  readonly #context: ReconcilerContext;
  readonly #stop = new AbortController();
  readonly #queue: Queue;
  /** What to call when a running job has changed. */
  readonly #look = new Map<string, () => void>();
  /** Running jobs that changed before anybody looked: they are looked at once somebody does. */
  readonly #missed = new Set<string>();
  readonly #runs = new Map<string, Promise<void>>();
  readonly #storing = new JobsBeingStored();
  readonly #pace: SweepPace;
  readonly #readiness = new Map<string, EngineReadiness>();
  readonly #readinessWatchers = new Set<{ engine: string; listener: (now: Readiness) => void }>();
  #sweeping: Promise<void> = Promise.resolve();

  constructor({ report, ...context }: ReconcilerContext) {
    this.#pace = new SweepPace({ clock: context.clock, ...context.settings });
    const jobEnded: typeof report.jobEnded = (job) => {
      this.#pace.note(job.usage.outputBytes);
      this.#learnFrom(job);
      report.jobEnded(job);
    };
    const artifactsKept = (bytes: number): void => this.#pace.note(bytes);
    this.#context = { ...context, artifactsKept, report: { ...report, jobEnded } };
    this.#queue = new Queue({
      context: this.#context,
      run: ({ id, ...job }) => this.#run(id, { ...job, recovered: null }),
      signal: this.#stop.signal,
    });
    const { probeLimits: limits = null } = context.settings;
    if (limits === null) return;
    for (const [name, engine] of context.engines)
      this.#readiness.set(name, this.#readinessOf(name, { engine, limits }));
  }

  /** Takes up everything that had not ended when the last server went away, then sweeps. */
  async start(): Promise<void> {
    const unfinished = await this.#context.store.jobs.unfinished();
    for (const job of unfinished) {
      if (job.state !== "queued") this.#queue.occupy(job);
    }
    for (const id of await this.#context.store.jobs.leftElsewhere()) this.#giveUp(id);
    const recoveries: Promise<void>[] = [];
    for (const { id, state, engine } of unfinished) {
      if (state === "queued") continue;
      const { promise, resolve } = Promise.withResolvers<void>();
      recoveries.push(promise);
      this.#run(id, { engine, fresh: false, recovered: resolve });
    }
    // Where the server goes down before, the next one recovers them again.
    void Promise.all(recoveries).then(() => this.#remember());
    // After them: those that run are watched meanwhile, however many wait.
    const queued = unfinished.filter(({ state }) => state === "queued");
    await this.#queue.takeUp(queued.filter(({ waits }) => !waits));
    for (const { id, engine, task } of queued.filter(({ waits }) => waits)) {
      this.#queue.hold({ id, engine, task: task ?? "" });
      // Asked to stop, and then the server died.
      this.#queue.changed(id);
    }
    this.#sweeping = this.#sweep();
  }

  reserve({
    task,
    ...job
  }: Pick<Job, "id" | "owner" | "engine" | "priority"> & {
    limits: LimitsOfQuota;
    task?: Job["task"];
  }): boolean {
    return this.#queue.reserve({ ...job, task: task?.name ?? null });
  }

  hold({ id, engine, task }: Pick<Job, "id" | "engine" | "task">): void {
    this.#queue.hold({ id, engine, task: task?.name ?? "" });
  }

  held(): number {
    return this.#queue.held;
  }

  prepare(job: Job, network: NetworkGrant): void {
    const storing = this.#storing.begin(job, network);
    this.#queue.begun(job.id);
    this.#run(job.id, { engine: job.engine, fresh: true, recovered: null, storing });
  }

  release(jobId: string): void {
    if (!this.#storing.end(jobId, false)) this.#queue.release(jobId);
  }

  wake(jobId: string): void {
    if (this.#storing.end(jobId, true) || this.#queue.arrived(jobId)) return;
    const look = this.#look.get(jobId);
    if (look) look();
    else if (this.#runs.has(jobId)) this.#missed.add(jobId);
    else this.#queue.changed(jobId);
  }

  slots(engine: string): SlotFigures {
    return this.#queue.figures(engine);
  }

  waitingOf(engine: string, owner: string): number {
    return this.#queue.waitingOf(engine, owner);
  }

  shortage(job: Pick<Job, "id" | "owner" | "engine"> & { limits: LimitsOfQuota }): Shortage | null {
    return this.#queue.shortage(job);
  }

  readiness(engine: string): Readiness {
    return this.#readiness.get(engine)?.look() ?? { ready: false, reason: "its engine is not here" };
  }

  watchReadiness(engine: string, listener: (now: Readiness) => void): () => void {
    const watcher = { engine, listener };
    this.#readinessWatchers.add(watcher);
    listener(this.readiness(engine));
    return () => void this.#readinessWatchers.delete(watcher);
  }

  async forget(
    job: { id: string; handle: string | null; engine: string },
    audit: AuditEntry,
  ): Promise<boolean> {
    return forgetJob(this.#context, job, audit);
  }

  /** Leaves running jobs as they are; the next server takes them up. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#queue.close();
    this.#stop.abort(new DOMException("The server is going down", "AbortError"));
    await Promise.allSettled([...this.#runs.values(), this.#sweeping]);
    await Promise.all([...this.#readiness.values()].map((readiness) => readiness.settled()));
  }

  #giveUp(jobId: string): void {
    const { report } = this.#context;
    const run = endLeftElsewhere(this.#context, jobId, this.#stop.signal)
      .catch((error: unknown) => report.fault(`Cannot end job "${jobId}"`, error))
      .finally(() => this.#runs.delete(jobId));
    this.#runs.set(jobId, run);
  }

  #readinessOf(name: string, { engine, limits }: { engine: Engine; limits: Limits }): EngineReadiness {
    const { clock, report } = this.#context;
    return new EngineReadiness({
      probe: (signal) => probeEngine(engine, { limits, clock, signal }),
      clock,
      signal: this.#stop.signal,
      report: (now) => {
        report.readiness?.(name, now);
        for (const { engine: watched, listener } of this.#readinessWatchers)
          if (watched === name) listener(now);
      },
    });
  }

  /** What the end of a job says of the host. */
  #learnFrom({ engine, cause, startedAt }: Job): void {
    const readiness = this.#readiness.get(engine);
    if (cause?.code === "engine_failed") readiness?.doubt();
    else if (startedAt !== null && cause?.code !== "lost") readiness?.proven();
  }

  #run(jobId: string, { engine, ...taken }: { engine: string } & Taken): void {
    this.#queue.started(jobId);
    const run = this.#runToEnd(jobId, taken).finally(() => {
      this.#missed.delete(jobId);
      this.#runs.delete(jobId);
      this.#queue.leave(jobId, engine);
    });
    this.#runs.set(jobId, run);
  }

  /** A run that fails unexpectedly is taken up again, as by the next server: nobody else watches over the job. */
  async #runToEnd(jobId: string, { fresh, recovered, storing = null }: Taken): Promise<void> {
    const { clock, report } = this.#context;
    const { signal } = this.#stop;
    const onChange = (look: () => void): void => {
      this.#look.set(jobId, look);
      if (this.#missed.delete(jobId)) look();
    };
    const attempt = async (count: number): Promise<void> => {
      const revisit = (): void => this.wake(jobId);
      const isFirst = count === 1;
      if (!isFirst && !(await isStored(storing))) return;
      try {
        await walkJob(this.#context, {
          jobId,
          fresh: fresh && isFirst,
          storing: isFirst ? storing : null,
          inherited: recovered !== null,
          recovered: () => recovered?.(),
          signal,
          revisit,
          onChange,
          unwatch: () => void this.#look.delete(jobId),
        });
        recovered?.();
      } catch (error) {
        if (!signal.aborted) report.fault(`Cannot run job "${jobId}", it is taken up again`, error);
        throw error;
      } finally {
        this.#look.delete(jobId);
      }
    };
    // Rejects when the server goes down, and only then: the next one takes the job up.
    await retry(attempt, { signal, attempts: Number.POSITIVE_INFINITY, clock }).catch(() => undefined);
  }

  async #remember(): Promise<void> {
    const { clock, engines, report } = this.#context;
    const { signal } = this.#stop;
    for (const [name, engine] of engines) {
      const attempt = (): Promise<void> =>
        engine.remember().catch((error: unknown) => {
          report.fault(
            `Cannot note that the jobs of engine "${name}" are recovered, it is tried again`,
            error,
          );
          throw error;
        });
      // Rejects when the server goes down, and only then.
      await retry(attempt, { signal, attempts: Number.POSITIVE_INFINITY, clock }).catch(() => undefined);
    }
  }

  async #sweep(): Promise<void> {
    const { signal } = this.#stop;
    const { report } = this.#context;
    await sweepOrphans(this.#context).catch((error: unknown) =>
      report.fault("Cannot sweep for orphans", error),
    );
    await removeNameless(this.#context, signal).catch((error: unknown) =>
      report.fault("Cannot remove uploads that were cut", error),
    );
    // Not before: the sweep would take the jobs of the server's own for orphans.
    for (const readiness of this.#readiness.values()) readiness.try();
    while (!signal.aborted) {
      await sweepRetention(this.#context, signal).catch((error: unknown) =>
        report.fault("Cannot sweep old jobs", error),
      );
      await sweepUploads(this.#context, signal).catch((error: unknown) =>
        report.fault("Cannot sweep uploads", error),
      );
      await this.#pace.next(signal);
    }
  }
}
