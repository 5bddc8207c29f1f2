/** Where a schedule stands. Times are epoch ms. */
export interface ScheduleState {
  name: string;
  /** When it is due next; null where it is never again. Stays as it is while the schedule is paused. */
  nextAt: number | null;
  lastAt: number | null;
  pausedAt: number | null;
  /** Where the server has paused it. */
  pausedWhy: string | null;
  /** Refused in a row. */
  refusals: number;
}

/**
 * Takes one instant of a schedule, once and for all: stored only where the schedule stands at this instant, has this version, and is not
 * paused.
 */
export interface DueClaim {
  schedule: string;
  version: number;
  /** Where the schedule stands. */
  from: number;
  /** The instant that is taken, which is `from`, or the last one of those that were missed since. */
  dueAt: number;
  nextAt: number | null;
  /** Instants before `dueAt` for which nothing is run. */
  missed: number;
  at: number;
}

interface Refusal {
  why: string;
  /** What the schedule is paused for with it; null where it goes on. */
  pauses: string | null;
  /** Whether it is one of those that pause a schedule when they come in a row. */
  counts: boolean;
}

/** What came of an instant. */
export interface StoredRun {
  schedule: string;
  dueAt: number;
  at: number;
  outcome: "submitted" | "refused" | "skipped";
  jobId: string | null;
  why: string | null;
  missed: number;
}

/**
 * Where schedules stand, beside what they say: the rows come and go with the definitions of this kind. A run that is submitted
 * takes its instant in the job's own write (`NewJob.due`).
 */
export interface ScheduleStore {
  states(names: readonly string[]): Promise<ScheduleState[]>;
  /** Those that are due, longest ago first, from behind `after` on; none that is paused. */
  due(
    now: number,
    page: { after: { nextAt: number; name: string } | null; limit: number },
  ): Promise<{ name: string; nextAt: number }[]>;
  /** When the first one is due after this moment. */
  firstAfter(now: number): Promise<number | null>;
  /** Takes an instant without a run. False where it could not be taken. */
  skip(claim: DueClaim): Promise<boolean>;
  /** The same, of a run that was refused. */
  refuse(claim: DueClaim, refusal: Refusal): Promise<boolean>;
  /** False where it is not there, or is paused already. */
  pause(name: string, at: number): Promise<boolean>;
  /** From this instant on. False where it is not there, or is not paused. */
  resume(name: string, nextAt: number | null): Promise<boolean>;
  /** Latest first, from before `before` on. */
  runs(name: string, page: { before: number | null; limit: number }): Promise<StoredRun[]>;
}
