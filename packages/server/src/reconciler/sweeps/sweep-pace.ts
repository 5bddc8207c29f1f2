import { type Clock, sleep } from "../../lib/clock.ts";

const longestMs = 10 * 60_000;
const shortestMs = 1000;

export interface SweepPaceOptions {
  clock: Clock;
  /** Finished jobs go at this age. */
  keepJobsMs: number;
  /** The oldest finished jobs go when there is more output than this. */
  keepOutputBytes: number;
}

/** When to look again for what is too old or too much: at a tenth of either bound, and every ten minutes at least. */
export class SweepPace {
  readonly #options: SweepPaceOptions;
  #bytes = 0;
  #wake: (() => void) | null = null;

  constructor(options: SweepPaceOptions) {
    this.#options = options;
  }

  /** A job has ended and left so much. */
  note(bytes: number): void {
    this.#bytes += bytes;
    if (this.#isMuch()) this.#wake?.();
  }

  /** Resolves when it is time, or when the signal aborts. */
  async next(signal: AbortSignal): Promise<void> {
    const { clock, keepJobsMs } = this.#options;
    const much = Promise.withResolvers<void>();
    this.#wake = much.resolve;
    if (this.#isMuch()) much.resolve();
    using waiting = heldController(signal);
    const ms = Math.min(longestMs, Math.max(shortestMs, keepJobsMs / 10));
    await Promise.race([sleep(ms, { signal: waiting.signal, clock }).catch(() => undefined), much.promise]);
    this.#wake = null;
    this.#bytes = 0;
  }

  #isMuch(): boolean {
    return this.#bytes > this.#options.keepOutputBytes / 10;
  }
}

/** Aborts with its parent, and when disposed: so ends the sleep that lost the race. */
function heldController(parent: AbortSignal): { signal: AbortSignal } & Disposable {
  const controller = new AbortController();
  const abort = (): void => controller.abort(parent.reason);
  if (parent.aborted) abort();
  else parent.addEventListener("abort", abort, { once: true });
  return {
    signal: controller.signal,
    [Symbol.dispose]: () => {
      parent.removeEventListener("abort", abort);
      controller.abort();
    },
  };
}
