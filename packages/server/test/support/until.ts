import { setTimeout as pause } from "node:timers/promises";
import { patiently } from "./patience.ts";

export interface UntilOptions {
  /** What is waited for, for the message when it does not come. */
  what: string;
  /** Default 60 s; made longer by BERTH_TEST_PATIENCE. */
  timeoutMs?: number;
}

/** Waits for a condition that nothing announces; returns the first value that is neither null, undefined nor false. */
export async function until<Value>(
  condition: () => Value | Promise<Value>,
  { what, timeoutMs = 60_000 }: UntilOptions,
): Promise<Exclude<Value, null | undefined | false>> {
  const patienceMs = patiently(timeoutMs);
  const deadline = performance.now() + patienceMs;
  for (let pauseMs = 1; ; pauseMs = Math.min(pauseMs * 1.1, 50)) {
    const value = await condition();
    if (isThere(value)) return value;
    if (performance.now() > deadline)
      throw new Error(`Cannot see ${what}: it has not come in ${patienceMs} ms`);
    await pause(pauseMs);
  }
}

function isThere<Value>(value: Value): value is Exclude<Value, null | undefined | false> {
  return value !== null && value !== undefined && value !== false;
}
