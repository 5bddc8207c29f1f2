import { type BootMoment, bootMoment } from "./time/boot-moment.ts";

/**
 * Time, passed in so that tests can move it. `now` is the wall clock, for stamps; durations are measured with
 * `monotonic`, which a step of the wall clock does not touch.
 */
export interface Clock {
  /** Epoch milliseconds. May jump when somebody sets the host's clock. */
  now(): number;
  /** Milliseconds since some fixed moment; never jumps, never goes back. */
  monotonic(): number;
  /** A moment that other processes of the host can compare with theirs, and the next server with its own. */
  sinceBoot(): BootMoment;
  /**
   * Calls `fire` once, `atMs - now()` milliseconds from this call: the wall clock is read here and never again,
   * so a later step of it changes nothing. Any length works; a time in the past fires soon, never at once.
   * A `fire` that throws ends nothing but itself: that is reported as a warning of the process, and it is called again a
   * second later, until it returns. Returns the way to cancel, which may be called any number of times.
   */
  setTimer(atMs: number, fire: () => void): () => void;
}

/** The longest delay of one `setTimeout`; a longer one would fire at once. */
const longestDelayMs = 2 ** 31 - 1;

/** After a `fire` that threw, as for want of descriptors. */
const tryAgainAfterMs = 1000;

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  sinceBoot: bootMoment,
  setTimer(atMs, fire) {
    const dueAt = performance.now() + (atMs - Date.now());
    let timer = setTimeout(check, delayUntil(dueAt));
    let isCanceled = false;
    function check(): void {
      if (performance.now() < dueAt) timer = setTimeout(check, delayUntil(dueAt));
      else attempt();
    }
    function attempt(): void {
      try {
        fire();
      } catch (error) {
        process.emitWarning(error instanceof Error ? error : new Error(String(error)));
        if (!isCanceled) timer = setTimeout(attempt, tryAgainAfterMs);
      }
    }
    return () => {
      isCanceled = true;
      clearTimeout(timer);
    };
  },
};

function delayUntil(dueAt: number): number {
  return Math.min(Math.max(Math.ceil(dueAt - performance.now()), 0), longestDelayMs);
}

/** Resolves after `ms`; rejects with the signal's reason when that comes first. */
export function sleep(ms: number, options: { signal?: AbortSignal; clock?: Clock } = {}): Promise<void> {
  const { signal, clock = systemClock } = options;
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  if (signal?.aborted) return Promise.reject(signal.reason as Error);
  const onAbort = (): void => {
    cancel();
    reject(signal?.reason as Error);
  };
  const cancel = clock.setTimer(clock.now() + ms, () => {
    signal?.removeEventListener("abort", onAbort);
    resolve();
  });
  signal?.addEventListener("abort", onAbort, { once: true });
  return promise;
}
