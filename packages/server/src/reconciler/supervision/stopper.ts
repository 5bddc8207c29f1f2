import type { Job, StopRequest } from "../../core/job/job.ts";
import type { EventStage } from "../../core/stages/stage.ts";
import type { Engine } from "../../engines/engine.ts";
import { msBetween } from "../../lib/time/boot-moment.ts";
import { retry } from "../../lib/retry.ts";
import type { PassedState } from "../../store/store.ts";
import type { ReconcilerContext } from "../context.ts";

export interface StopperOptions {
  context: ReconcilerContext;
  engine: Engine;
  job: Job & { handle: string };
  /** The job's start, while it is not recorded: it is recorded with the stop, as it cannot be after it. */
  unrecorded: () => PassedState | null;
  /** What its event says of the stage that is stopped. */
  about: { stage?: EventStage };
}

/** One for all: a reason made anew takes the look of the stack with it, for each job. */
const ENDED = new Error("The job has ended, or is no longer watched over");

/**
 * Stops one running job. The first request wins and stays the cause; a later one may only shorten the grace.
 * State first, act second: the request is stored as `stopping` before the engine hears of it.
 */
export class Stopper implements Disposable {
  readonly #context: ReconcilerContext;
  readonly #engine: Engine;
  readonly #job: Job & { handle: string };
  readonly #unrecorded: () => PassedState | null;
  readonly #about: { stage?: EventStage };
  #stop: StopRequest | null = null;
  #forced = false;
  #acting: Promise<void> = Promise.resolve();
  /** Aborted when nothing is to be tried again: the job has ended, or the server goes down. */
  readonly #over = new AbortController();

  constructor(options: StopperOptions) {
    this.#context = options.context;
    this.#engine = options.engine;
    this.#job = options.job;
    this.#unrecorded = options.unrecorded;
    this.#about = options.about;
  }

  /** The request that was acted on, with whether KILL was needed; null when none was. */
  get stop(): StopRequest | null {
    if (!this.#stop) return null;
    const cause = { ...this.#stop.cause, evidence: { ...this.#stop.cause.evidence, forced: this.#forced } };
    return { ...this.#stop, cause };
  }

  request(stop: StopRequest): void {
    this.#begin(stop, stop.graceMs);
  }

  /**
   * Takes up a stop that was begun before a restart: of its grace the job gets what is left. `ageMs`: how long ago it was
   * begun, where the engine knows that.
   */
  resume(stop: StopRequest, ageMs?: number): void {
    const { clock } = this.#context;
    const passed =
      ageMs ?? msBetween(stop.requestedSinceBoot, clock.sinceBoot()) ?? clock.now() - stop.requestedAt;
    this.#begin(stop, Math.min(Math.max(stop.graceMs - passed, 0), stop.graceMs));
  }

  /** The job has ended. Resolves when everything that was asked of the engine has been answered. */
  async settled(): Promise<void> {
    this.#over.abort(ENDED);
    await this.#acting;
  }

  [Symbol.dispose](): void {
    this.#over.abort(ENDED);
  }

  #begin(stop: StopRequest, graceMs: number): void {
    if (this.#stop && this.#stop.graceMs <= stop.graceMs) return;
    this.#stop = { ...stop, cause: this.#stop?.cause ?? stop.cause };
    this.#acting = Promise.all([this.#acting, this.#act(this.#stop, graceMs)]).then(() => undefined);
  }

  async #act(stop: StopRequest, graceMs: number): Promise<void> {
    const { store, clock, report } = this.#context;
    try {
      const passed = this.#unrecorded();
      const start = passed === null ? {} : { passed, startedAt: passed.at, isolation: this.#job.isolation };
      await store.jobs.transition(this.#job.id, "stopping", {
        at: clock.now(),
        stop,
        ...start,
        ...this.#about,
      });
    } catch (error) {
      // A full disk must not keep a runaway job alive: it is stopped all the same.
      report.fault(`Cannot record the stop of job "${this.#job.id}"`, error);
    }
    // Nobody asks again for a stop that was accepted: what fails, as for want of descriptors, is tried again.
    const { signal } = this.#over;
    const patienceOver = clock.monotonic() + graceMs;
    const attempt = (): Promise<void> => this.#ask(Math.max(patienceOver - clock.monotonic(), 0));
    await retry(attempt, { signal, attempts: Number.POSITIVE_INFINITY, clock, maxMs: 1000 }).catch(
      () => undefined,
    );
  }

  async #ask(graceMs: number): Promise<void> {
    try {
      const { forced } = await this.#engine.stop(this.#job.handle, { graceMs });
      this.#forced ||= forced;
    } catch (error) {
      this.#context.report.fault(`Cannot stop job "${this.#job.id}", it is tried again`, error);
      throw error;
    }
  }
}
