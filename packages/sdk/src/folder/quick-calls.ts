import { setImmediate as nextTurn } from "node:timers/promises";

/** A disk that takes longer for one answer is asked for many at once. */
const SLOW_MS = 2;
/** So long this thread may be held up in one go. */
const TURN_MS = 5;

/** Two ways to ask the disk for one thing. */
export interface Call<Value> {
  now: () => Value;
  later: () => Promise<Value>;
}

/**
 * Answers to small questions to the disk, in their order. What lies in memory is there after some microseconds, and through
 * the thread pool only after ten times as long: so each is asked at once, in this thread, until one was slow; the others are
 * then asked side by side.
 */
export async function answers<Value>(calls: readonly Call<Value>[]): Promise<Value[]> {
  const found: Value[] = [];
  let [turn, before] = [performance.now(), performance.now()];
  while (found.length < calls.length) {
    const call = calls[found.length];
    if (call === undefined) break;
    found.push(call.now());
    const at = performance.now();
    if (at - before > SLOW_MS) break;
    before = at;
    if (at - turn < TURN_MS) continue;
    await nextTurn();
    turn = before = performance.now();
  }
  const rest = await Promise.allSettled(calls.slice(found.length).map(({ later }) => later()));
  for (const one of rest) {
    if (one.status === "rejected") throw one.reason;
    found.push(one.value);
  }
  await nextTurn();
  return found;
}
