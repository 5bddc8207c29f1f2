/** A signal of one attempt; `unlink` leaves nothing behind on the caller's signal. */
export interface LinkedSignal {
  signal: AbortSignal;
  /** Begins the time anew: something moves. */
  restart(): void;
  unlink(): void;
}

/** Follows the caller's signal, and aborts by itself after `timeoutMs` with the error that `onTimeout` makes. */
export function linkSignal(
  parent: AbortSignal | undefined,
  options: { timeoutMs?: number | undefined; onTimeout?: () => Error } = {},
): LinkedSignal {
  const child = new AbortController();
  const onAbort = (): void => child.abort(parent?.reason);
  if (parent?.aborted === true) onAbort();
  else parent?.addEventListener("abort", onAbort, { once: true });
  const { timeoutMs, onTimeout } = options;
  const start = (): ReturnType<typeof setTimeout> | undefined =>
    timeoutMs === undefined ? undefined : setTimeout(() => child.abort(onTimeout?.()), timeoutMs);
  let timer = start();
  return {
    signal: child.signal,
    restart() {
      clearTimeout(timer);
      timer = start();
    },
    unlink() {
      clearTimeout(timer);
      parent?.removeEventListener("abort", onAbort);
    },
  };
}
