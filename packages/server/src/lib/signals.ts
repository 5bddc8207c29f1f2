import { systemClock, type Clock } from "./clock.ts";

/** A signal that must be let go of when it is no longer needed. */
export interface HeldSignal extends Disposable {
  readonly signal: AbortSignal;
}

/**
 * A signal that follows the first of its parents to abort, until disposed; leaves nothing behind on long-lived
 * parents. The parent's reason is passed on. Use: `using joined = joinSignals(serverStop, request.signal)`.
 */
export function joinSignals(...parents: readonly AbortSignal[]): HeldSignal {
  const child = new AbortController();
  const release = (): void => {
    for (const parent of parents) parent.removeEventListener("abort", onAbort);
  };
  function onAbort(this: AbortSignal): void {
    release();
    child.abort(this.reason);
  }
  const aborted = parents.find((parent) => parent.aborted);
  if (aborted) child.abort(aborted.reason);
  else for (const parent of parents) parent.addEventListener("abort", onAbort);
  return { signal: child.signal, [Symbol.dispose]: release };
}

/** A signal that aborts with `reason` in `ms` milliseconds, of any length, unless disposed before. */
export function deadlineSignal(ms: number, reason: Error, clock: Clock = systemClock): HeldSignal {
  const controller = new AbortController();
  const cancel = clock.setTimer(clock.now() + ms, () => controller.abort(reason));
  return { signal: controller.signal, [Symbol.dispose]: cancel };
}

/**
 * A signal that aborts when this process gets one of these process signals. Only the first is caught:
 * a second one does what the system does by default, so that an impatient operator can end the process.
 */
export function untilSignal(names: readonly NodeJS.Signals[]): AbortSignal {
  const controller = new AbortController();
  const onSignal = (name: NodeJS.Signals): void => {
    for (const each of names) process.removeListener(each, onSignal);
    controller.abort(new DOMException(`Received ${name}`, "AbortError"));
  };
  for (const name of names) process.on(name, onSignal);
  return controller.signal;
}

/** Settles with the promise, or rejects with the signal's reason when that comes first. Leaves no listener behind. */
export async function abortable<Value>(promise: Promise<Value>, signal: AbortSignal): Promise<Value> {
  const aborted = Promise.withResolvers<never>();
  const onAbort = (): void => aborted.reject(signal.reason as Error);
  if (signal.aborted) onAbort();
  else signal.addEventListener("abort", onAbort);
  try {
    return await Promise.race([promise, aborted.promise]);
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}
