import type { Job, StopRequest } from "../../core/job.ts";
import type { Engine } from "../../engines/engine.ts";
import type { ReconcilerContext } from "../context.ts";

/**
 * Stops one running job. The first request wins and stays the cause; a later one may only shorten the grace.
 * State first, act second: the request is stored as `stopping` before the engine hears of it.
 */
export class Stopper {
  readonly #context: ReconcilerContext;
  readonly #engine: Engine;
  readonly #job: Job & { handle: string };
  #stop: StopRequest | null = null;
  #forced = false;
  #acting: Promise<void> = Promise.resolve();

  constructor(options: { context: ReconcilerContext; engine: Engine; job: Job & { handle: string } }) {
    this.#context = options.context;
    this.#engine = options.engine;
    this.#job = options.job;
  }

  /** The request that was acted on, with whether KILL was needed; null when none was. */
  get stop(): StopRequest | null {
    if (!this.#stop) return null;
    const cause = { ...this.#stop.cause, evidence: { ...this.#stop.cause.evidence, forced: this.#forced } };
    return { ...this.#stop, cause };
  }

  /** Takes up a stop that was begun before a restart, or acts on a new one. */
  request(stop: StopRequest): void {
    if (this.#stop && this.#stop.graceMs <= stop.graceMs) return;
    this.#stop = { ...stop, cause: this.#stop?.cause ?? stop.cause };
    this.#acting = Promise.all([this.#acting, this.#act(this.#stop)]).then(() => undefined);
  }

  /** Resolves when everything that was asked of the engine has been answered. */
  async settled(): Promise<void> {
    await this.#acting;
  }

  async #act(stop: StopRequest): Promise<void> {
    const { store, clock, report } = this.#context;
    try {
      await store.jobs.transition(this.#job.id, "stopping", { at: clock.now(), stop });
    } catch (error) {
      // A full disk must not keep a runaway job alive: it is stopped all the same.
      report.fault(`Cannot record the stop of job "${this.#job.id}"`, error);
    }
    try {
      const { forced } = await this.#engine.stop(this.#job.handle, { graceMs: stop.graceMs });
      this.#forced ||= forced;
    } catch (error) {
      report.fault(`Cannot stop job "${this.#job.id}"`, error);
    }
  }
}
