import { setTimeout as pause } from "node:timers/promises";

export interface UntilOptions {
  /** What is waited for, for the message when it does not come. */
  what: string;
  /** Default 60 s: a guard against hanging, not a measure of speed. */
  timeoutMs?: number;
}

/** Waits for a condition that nothing announces; returns the first value that is neither null, undefined nor false. */
export async function until<Value>(
  condition: () => Value | Promise<Value>,
  { what, timeoutMs = 60_000 }: UntilOptions,
): Promise<Exclude<Value, null | undefined | false>> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const value = await condition();
    if (isThere(value)) return value;
    if (performance.now() > deadline)
      throw new Error(`Cannot see ${what}: it has not come in ${timeoutMs} ms`);
    await pause(5);
  }
}

function isThere<Value>(value: Value): value is Exclude<Value, null | undefined | false> {
  return value !== null && value !== undefined && value !== false;
}
