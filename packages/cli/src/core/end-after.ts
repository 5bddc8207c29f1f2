/** The longest that one timer of Node runs; a longer one would fire at once, and `AbortSignal.timeout` with it. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** Aborts after so many milliseconds, any number of them. Keeps no process alive. */
export function endAfter(ms: number): AbortSignal {
  const over = new AbortController();
  const wait = (left: number): void => {
    const part = Math.min(left, LONGEST_TIMER_MS);
    setTimeout(() => (left > part ? wait(left - part) : over.abort()), part).unref();
  };
  wait(ms);
  return over.signal;
}
