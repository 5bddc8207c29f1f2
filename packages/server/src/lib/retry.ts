import { sleep, type Clock } from "./clock.ts";

export interface BackoffOptions {
  /** Longest wait after the first failure, in ms. Default 100. */
  baseMs?: number;
  /** No wait is longer, in ms. Default 30,000. */
  maxMs?: number;
  /** From 0 up to 1; for tests. */
  random?: () => number;
}

/**
 * How long to wait after the given number of failures (1, 2, ...): between half and all of `baseMs` doubled each
 * time, so that many who failed together do not come back together.
 */
export function backoffMs(failures: number, options: BackoffOptions = {}): number {
  const { baseMs = 100, maxMs = 30_000, random = Math.random } = options;
  const longest = Math.min(baseMs * 2 ** Math.max(failures - 1, 0), maxMs);
  return Math.round(longest * (0.5 + random() / 2));
}

export interface RetryOptions extends BackoffOptions {
  /** Ends the waiting at once; its reason is what surfaces. */
  signal: AbortSignal;
  /** Most tries. Default 5; Infinity for as long as the signal allows. */
  attempts?: number;
  /** Whether this error may go away by itself. Default: every error. */
  retryable?: (error: unknown) => boolean;
  clock?: Clock;
}

/** Calls `work` until it succeeds; throws its last error when it must not or may not be tried again. */
export async function retry<Value>(
  work: (attempt: number) => Promise<Value>,
  options: RetryOptions,
): Promise<Value> {
  const { signal, attempts = 5, retryable = () => true, clock } = options;
  for (let attempt = 1; ; attempt += 1) {
    signal.throwIfAborted();
    try {
      return await work(attempt);
    } catch (error) {
      if (signal.aborted) throw signal.reason as Error;
      if (attempt >= attempts || !retryable(error)) throw error;
    }
    await sleep(backoffMs(attempt, options), { signal, ...(clock && { clock }) });
  }
}
