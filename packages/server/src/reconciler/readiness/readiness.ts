import type { Readiness } from "../../core/readiness.ts";
import { type Clock, sleep } from "../../lib/clock.ts";
import { backoffMs } from "../../lib/retry.ts";
import { ProbeFailed } from "./probe-engine.ts";

export interface ReadinessOptions {
  /** Resolves when a job of the server's own has run. */
  probe: (signal: AbortSignal) => Promise<void>;
  clock: Clock;
  signal: AbortSignal;
  /** Jobs can run no more, or can again. */
  report: (change: Readiness) => void;
  /** Between two tries that failed, as for `backoffMs`. Default: half a second at first, half a minute at most. */
  backoff?: { baseMs: number; maxMs: number };
}

/** What somebody asks about after this is tried again: a host may break while no job runs. */
const provenForMs = 30_000;
/** Between two tries while jobs go on failing on a host that runs those of the server. */
const pauseMs = 100;

/**
 * Knows whether the engine can run jobs, as a job of the server's own has run since anything gave cause for doubt.
 * Tries in the background, one at a time, with a growing pause while it fails.
 */
export class EngineReadiness {
  readonly #options: ReadinessOptions;
  #now: Readiness = { ready: false, reason: "probing: the first job of the server's own has not ended yet" };
  #provenAt = Number.NEGATIVE_INFINITY;
  #trying: Promise<void> | null = null;
  #doubts = 0;

  constructor(options: ReadinessOptions) {
    this.#options = options;
  }

  /** As of now; never waits. Tries anew in the background when the last proof is old. */
  look(): Readiness {
    const isOld = this.#options.clock.monotonic() - this.#provenAt >= provenForMs;
    if (this.#now.ready && isOld) this.try();
    return this.#now;
  }

  /** A job failed on the host: nothing is ready before one of the server's own has run. */
  doubt(): void {
    this.#doubts += 1;
    if (this.#now.ready)
      this.#become({ ready: false, reason: "probing: a job failed on the host, and is tried with another" });
    this.try();
  }

  /** A job ran as it should. */
  proven(): void {
    if (this.#now.ready) this.#provenAt = this.#options.clock.monotonic();
  }

  /** Tries in the background, until the engine has run a job or the server goes down. */
  try(): void {
    this.#trying ??= this.#untilProven()
      // Rejects when the server goes down, and only then.
      .catch(() => undefined)
      .finally(() => (this.#trying = null));
  }

  /** Resolves when nothing is tried any more. */
  async settled(): Promise<void> {
    await this.#trying;
  }

  async #untilProven(): Promise<void> {
    const { probe, signal, clock, backoff = { baseMs: 500, maxMs: 30_000 } } = this.#options;
    for (let failures = 0; ; ) {
      const doubts = this.#doubts;
      try {
        await probe(signal);
        // What gave cause for doubt meanwhile is not answered by a job that began before it.
        if (doubts !== this.#doubts) {
          await sleep(pauseMs, { signal, clock });
          continue;
        }
        this.#provenAt = clock.monotonic();
        return this.#become({ ready: true });
      } catch (error) {
        signal.throwIfAborted();
        failures += 1;
        this.#become({ ready: false, reason: `a job of the server's own failed: ${shownOf(error)}` });
      }
      await sleep(backoffMs(failures, backoff), { signal, clock });
    }
  }

  #become(next: Readiness): void {
    const before = this.#now;
    this.#now = next;
    const isSame = before.ready ? next.ready : !next.ready && before.reason === next.reason;
    if (!isSame) this.#options.report(next);
  }
}

const longestReason = 300;

function shownOf(error: unknown): string {
  if (!(error instanceof ProbeFailed)) return "an unexpected fault, see the server's log";
  return error.message.replaceAll(/\p{C}+/gu, " ").slice(0, longestReason);
}
