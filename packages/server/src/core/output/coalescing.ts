/**
 * How fine the index is. A job that runs long gets coarser records, so that the index grows with the logarithm of its
 * running time: each `stage` records the steps double. One stream without pause: 24 bytes each 100 ms at first, 1.1 MiB
 * after a day. Both streams without pause: 3.4 MiB after a day, then 2 MiB a day.
 */
const stage = 8192;

/** Growth of one stream within this many ms of a record is added to the record. */
export function mergeWindowMs(count: number): number {
  return 100 * 2 ** Math.floor(count / stage);
}

/**
 * A new record comes no earlier than this many ms after the last one; until then what would need one is not shown.
 * The cap is what a follower of a job that has been writing to both streams for hours has to wait.
 */
export function spacingMs(count: number): number {
  const steps = Math.floor(count / stage);
  return steps === 0 ? 0 : Math.min(5 * 2 ** steps, 1000);
}
