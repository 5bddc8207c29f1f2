/**
 * The states of a job, in the order in which a job passes through them.
 * Which state may follow which is decided by the server (`core/job/transitions.ts`).
 */
export const jobStates = [
  "queued",
  "preparing",
  "running",
  "stopping",
  "succeeded",
  "failed",
  "canceled",
  "lost",
] as const;

export type JobState = (typeof jobStates)[number];

/** States that never change again. */
export const terminalStates = [
  "succeeded",
  "failed",
  "canceled",
  "lost",
] as const satisfies readonly JobState[];

export type TerminalState = (typeof terminalStates)[number];

/** The states of one stage of a job: those of a job, or `skipped` where a stage before it has decided the job's end. */
export const stageStates = [...jobStates, "skipped"] as const;

export type StageState = (typeof stageStates)[number];

export function isTerminal(state: JobState): state is TerminalState {
  return (terminalStates as readonly JobState[]).includes(state);
}
