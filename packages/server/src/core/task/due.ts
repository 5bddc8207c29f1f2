import type { CatchUp } from "@berth/protocol";
import type { Cadence } from "../../lib/text/cron.ts";

/** What is later than this was missed: the server was down, or busy beyond its means. */
const LATE_MS = 60_000;
/** So many of those that were missed are made up for, where all shall be. */
const MOST_CAUGHT_UP = 10;
/** So many are counted. */
const MOST_COUNTED = 100;

/** What is done about an instant that is due, and where the schedule stands behind it. */
export interface DueStep {
  dueAt: number;
  runs: boolean;
  /** Instants before this one that nothing is run for; as many as this, or more, where it is a hundred. */
  missed: number;
  nextAt: number | null;
}

/**
 * What comes of the instants from `nextAt` up to now, in order. Reckoned from where the schedule stands and never from now: a clock
 * that was set back finds nothing due, and one that was set forward what a server finds that was down for as long.
 */
export function stepsDue({
  cadence,
  nextAt,
  now,
  catchUp,
}: {
  cadence: Cadence;
  nextAt: number;
  now: number;
  catchUp: CatchUp;
}): DueStep[] {
  if (nextAt > now) return [];
  const found = cadence.lastBetween(nextAt, now, MOST_COUNTED);
  const instants = found.length === 0 ? [nextAt] : found;
  const last = instants.at(-1) ?? nextAt;
  const nextAfter = cadence.next(Math.max(last, nextAt));
  const most = howMany(catchUp, now - last);
  if (most === 0) return [{ dueAt: last, runs: false, missed: instants.length - 1, nextAt: nextAfter }];
  const runs = instants.slice(-most);
  const missed = instants.length - runs.length;
  return runs.map((dueAt, n) => ({
    dueAt,
    runs: true,
    missed: n === 0 ? missed : 0,
    nextAt: runs[n + 1] ?? nextAfter,
  }));
}

function howMany(catchUp: CatchUp, lateMs: number): number {
  switch (catchUp) {
    case "skip":
      return lateMs > LATE_MS ? 0 : 1;
    case "latest":
      return 1;
    case "all":
      return MOST_CAUGHT_UP;
  }
}
