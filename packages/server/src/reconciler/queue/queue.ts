import type { Job } from "../../core/job/job.ts";
import { Quotas } from "../../core/queue/quota.ts";
import type { Shortage } from "../../core/queue/running-use.ts";
import { type Needs, needsOf } from "../../core/queue/subject.ts";
import type { SlotFigures } from "../../core/queue/slot-figures.ts";
import { retry } from "../../lib/retry.ts";
import type { ReconcilerContext } from "../context.ts";
import { cancelQueued, queueTimer } from "./queued-job.ts";
import { Rooms } from "./rooms.ts";
import { Slots } from "./slots.ts";

/** What the queue has to know of a job. */
type QueuedJob = Pick<Job, "id" | "owner" | "engine"> & { limits: LimitsOfQuota };

/** A run of a task, which takes of the room that the task has. */
type RunOfTask = QueuedJob & { task?: string | null };

/** What of a job's limits quotas count. */
export type LimitsOfQuota = Pick<Job["limits"], "cpu" | "memory">;

/** Of a job that nobody has told of: it may take all. */
const unknownNeeds: Needs = { cpuMilli: null, memory: null };

export interface QueueOptions {
  context: ReconcilerContext;
  /** Runs a job that has its slot; `fresh`: it was stored by this very process a moment ago, as one that has begun. */
  run: (job: { id: string; engine: string; fresh: boolean }) => void;
  /** Aborted when the server goes down: then nothing starts any more. */
  signal: AbortSignal;
}

/** Who runs, who waits for that, and for how long: the slots of each engine, and the jobs in front of them. */
export class Queue {
  readonly #options: QueueOptions;
  readonly #slots = new Map<string, Slots>();
  /** Jobs that have a slot or a place in line, and are being stored. */
  readonly #arriving = new Map<string, QueuedJob>();
  /** Of each job that waits the way to end its wait's clock. */
  readonly #timers = new Map<string, () => void>();
  readonly #quotas: Quotas;
  readonly #rooms: Rooms;
  /** Of each job that waits or runs what it takes of its owner's quotas. */
  readonly #needs = new Map<string, Needs>();

  constructor(options: QueueOptions) {
    this.#options = options;
    this.#rooms = new Rooms({ ...options, admitted: (job) => this.#admitted(job) });
    this.#quotas = options.context.quotas ?? new Quotas();
    for (const [name, engine] of options.context.engines) this.#open(name, engine.maxJobs);
    this.#quotas.watch(() => this.#lookAgain());
  }

  /** True: it has a slot. False: it has taken its place in line. Either way it is `arrived` or `release`d next. */
  reserve(job: RunOfTask & { priority: number }): boolean {
    this.#arriving.set(job.id, job);
    this.#rooms.takes(job);
    this.#needs.set(job.id, needsOf(job.limits));
    return this.#slotsOf(job.engine).reserve(job);
  }

  /** It was not stored. */
  release(jobId: string): void {
    const job = this.#arriving.get(jobId);
    this.#arriving.delete(jobId);
    if (job !== undefined) this.#leave(jobId, job.engine);
  }

  /** It has its slot and runs, though it is still being stored: who runs it gives the slot back. */
  begun(jobId: string): void {
    this.#arriving.delete(jobId);
  }

  /** It is stored: it runs, or waits for its turn. False for a job that has not reserved anything. */
  arrived(jobId: string): boolean {
    const job = this.#arriving.get(jobId);
    if (job === undefined) return false;
    const { engine } = job;
    this.#arriving.delete(jobId);
    if (this.#slotsOf(engine).holds(jobId)) this.#options.run({ id: jobId, engine, fresh: true });
    else {
      this.#timers.set(jobId, () => undefined);
      this.#slotsOf(engine).enqueue([job]);
      void this.#setTimer(jobId, engine);
    }
    return true;
  }

  /** It is stored, and waits until there is room in its task: it stands in no line before that. */
  hold(job: Pick<Job, "id" | "engine"> & { task: string }): void {
    this.#timers.set(job.id, () => undefined);
    this.#rooms.holds(job);
    void this.#setTimer(job.id, job.engine);
  }

  /** Jobs that wait for room in their tasks. */
  get held(): number {
    return this.#rooms.held;
  }

  /** Those that waited under an earlier server. */
  async takeUp(jobs: readonly RunOfTask[]): Promise<void> {
    for (const job of jobs) {
      const { id, limits } = job;
      this.#timers.set(id, () => undefined);
      this.#needs.set(id, needsOf(limits));
      this.#rooms.takes(job);
    }
    for (const [engine, those] of Map.groupBy(jobs, ({ engine }) => engine))
      this.#slotsOf(engine).enqueue(those);
    for (const { id, engine } of jobs) {
      if (this.#timers.has(id)) await this.#setTimer(id, engine);
      // Asked to stop, and then the server died.
      if (this.#timers.has(id)) await this.#cancel(id);
    }
  }

  /** One that ran under an earlier server: it has its slot whatever the total says. */
  occupy(job: RunOfTask): void {
    this.#rooms.takes(job);
    this.#needs.set(job.id, needsOf(job.limits));
    this.#slotsOf(job.engine).occupy(job);
  }

  /** It has changed: where it waits and was asked to stop, it ends. */
  changed(jobId: string): void {
    if (this.#timers.has(jobId)) void this.#cancel(jobId);
  }

  /** It waits no more, as it runs or is gone: nothing ends its wait. */
  started(jobId: string): void {
    this.#timers.get(jobId)?.();
    this.#timers.delete(jobId);
  }

  /** It runs or waits no more. */
  leave(jobId: string, engine: string): void {
    this.started(jobId);
    this.#leave(jobId, engine);
  }

  #admitted(job: QueuedJob): void {
    this.#needs.set(job.id, needsOf(job.limits));
    this.#slotsOf(job.engine).enqueue([job]);
  }

  #leave(jobId: string, engine: string): void {
    this.#needs.delete(jobId);
    this.#rooms.leaves(jobId);
    this.#slotsOf(engine).leave(jobId);
    // Who had all that it may have may have one more now, on any engine.
    if (this.#slots.size > 1 && !this.#quotas.isEmpty) this.#lookAgain();
  }

  figures(engine: string): SlotFigures {
    const { total, busy, queued, owners } = this.#slotsOf(engine);
    return { total, busy, queued, owners };
  }

  waitingOf(engine: string, owner: string): number {
    return this.#slotsOf(engine).waitingOf(owner);
  }

  /**
   * What of its owner's quotas keeps a job waiting: one that it is too large for, or what keeps the job of its owner that is
   * next; null where nothing of them does.
   */
  shortage({ owner, engine, limits }: QueuedJob): Shortage | null {
    const own = needsOf(limits);
    const tooLarge = this.#quotas.beyond(owner, own);
    if (tooLarge !== null) return tooLarge;
    const next = this.#slotsOf(engine).keptOf(owner);
    const needs = next === null ? own : (this.#needs.get(next) ?? unknownNeeds);
    return this.#quotas.shortage(owner, this.#quotas.beyond(owner, needs) === null ? needs : own);
  }

  #lookAgain(): void {
    for (const slots of this.#slots.values()) slots.lookAgain();
  }

  close(): void {
    for (const slots of this.#slots.values()) slots.close();
    for (const cancel of this.#timers.values()) cancel();
  }

  #slotsOf(engine: string): Slots {
    // Jobs of an engine that is not configured any more: they are ended with that as the cause.
    return this.#slots.get(engine) ?? this.#open(engine, 1);
  }

  #open(engine: string, total: number): Slots {
    const { context, run, signal } = this.#options;
    const { store, clock, report } = context;
    const reading = <Answer>(read: () => Promise<Answer>): Promise<Answer> => {
      const attempt = (): Promise<Answer> =>
        read().catch((error: unknown) => {
          if (!signal.aborted) report.fault("Cannot read who is next in the queue, it is tried again", error);
          throw error;
        });
      return retry(attempt, { signal, attempts: Number.POSITIVE_INFINITY, clock });
    };
    const slots = new Slots({
      total,
      start: (id) => run({ id, engine, fresh: false }),
      heads: (page) => reading(() => store.jobs.queuedHeads(engine, page)),
      ofOwner: (page) => reading(() => store.jobs.queuedOf(engine, page)),
      isFull: (owner, jobId) =>
        !this.#quotas.isEmpty &&
        this.#quotas.shortage(owner, jobId === null ? null : this.#needsOf(jobId)) !== null,
      isTooLarge: (owner, jobId) =>
        !this.#quotas.isEmpty && this.#quotas.beyond(owner, this.#needsOf(jobId)) !== null,
      freed: () => this.#quotas.freed,
      begins: ({ id, owner }) => this.#quotas.begin(id, { owner, needs: this.#needsOf(id) }),
      ends: (id) => this.#quotas.end(id),
      now: () => clock.monotonic(),
      gone: (id) => {
        this.started(id);
        this.#needs.delete(id);
      },
    });
    this.#slots.set(engine, slots);
    return slots;
  }

  #needsOf(jobId: string): Needs {
    return this.#needs.get(jobId) ?? unknownNeeds;
  }

  async #setTimer(jobId: string, engine: string): Promise<void> {
    const { context } = this.#options;
    try {
      const cancel = await queueTimer(context, jobId, () => this.leave(jobId, engine));
      if (this.#timers.has(jobId)) this.#timers.set(jobId, cancel);
      else cancel();
    } catch (error) {
      context.report.fault(`Cannot read queued job "${jobId}"`, error);
    }
  }

  async #cancel(jobId: string): Promise<void> {
    const { context } = this.#options;
    try {
      const job = await cancelQueued(context, jobId);
      if (job) this.leave(jobId, job.engine);
    } catch (error) {
      context.report.fault(`Cannot cancel queued job "${jobId}"`, error);
    }
  }
}
