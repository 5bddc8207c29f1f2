import type { JobState } from "@berth/protocol";

/**
 * Which state may follow which:
 *
 *   queued -> preparing -> running -> (stopping) -> succeeded | failed | canceled
 *                                                   lost: where nobody can know
 */
const NEXT: Record<JobState, readonly JobState[]> = {
  queued: ["preparing", "failed", "canceled"],
  preparing: ["running", "stopping", "succeeded", "failed", "canceled", "lost"],
  running: ["stopping", "succeeded", "failed", "canceled", "lost"],
  stopping: ["succeeded", "failed", "canceled", "lost"],
  succeeded: [],
  failed: [],
  canceled: [],
  lost: [],
};

export function mayFollow(from: JobState, to: JobState): boolean {
  return NEXT[from].includes(to);
}

/** The states from which `to` may be entered: the guard of the one statement that writes a state. */
export function statesBefore(to: JobState): JobState[] {
  return (Object.keys(NEXT) as JobState[]).filter((from) => mayFollow(from, to));
}
