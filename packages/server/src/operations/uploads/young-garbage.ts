import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/** So much may lie about: a collection of it takes some two milliseconds. */
const MOST_BYTES = 8 * 2 ** 20;

let collect: (() => void) | null = null;
let bytes = 0;

/**
 * Tells of bytes that came from a socket and are not needed any more. Each piece is 64 KiB of memory outside of the heap,
 * which V8 takes back when it collects what is young, and that is when the heap is full, not when that memory is: 1 GiB
 * that is only passed on made the server 95 MiB larger; 40 MiB, and less work in all, where it is collected in time.
 */
export function leaveGarbage(more: number): void {
  bytes += more;
  if (bytes < MOST_BYTES) return;
  bytes = 0;
  collect ??= collector();
  collect();
}

/**
 * How much the old generation may grow before V8 looks through all of it, in percent of what it holds. V8 begins that work
 * with each collection of what is young once less room is left than the young generation takes (16 MiB), and a heap that
 * hardly grows gets 8 MiB: then 1 GiB brought 80 such looks, which took three times as long as all else.
 */
const GROWTH_PERCENT = 100;

function collector(): () => void {
  setFlagsFromString(`--heap-growing-percent=${GROWTH_PERCENT}`);
  setFlagsFromString("--expose-gc");
  const gc = runInNewContext("globalThis.gc") as ((options: { type: "minor" }) => void) | undefined;
  return () => gc?.({ type: "minor" });
}
