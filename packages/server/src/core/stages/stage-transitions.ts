import type { StageState } from "@berth/protocol";

/**
 * Which state of a stage before the user's may follow which. It is stored as running before it is begun; what is begun
 * once more goes from running to running, with one attempt more.
 */
const NEXT: Partial<Record<StageState, readonly StageState[]>> = {
  queued: ["running", "failed", "canceled"],
  running: ["running", "succeeded", "failed", "canceled"],
};

/** The states from which `to` may be entered: the guard of the one statement that writes a stage's state. */
export function stageStatesBefore(to: StageState): StageState[] {
  return (Object.keys(NEXT) as StageState[]).filter((from) => NEXT[from]?.includes(to));
}
