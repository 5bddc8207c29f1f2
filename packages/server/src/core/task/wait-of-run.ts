import { longestWaitMs, parseDuration, type TaskSpec } from "@berth/protocol";

/** What a synchronous task is waited for that says nothing else. */
const USUAL_WAIT_MS = 20_000;

/** How long an answer to a run may wait for its end, in ms: what the caller says, else what the task says; 0 for not at all. */
export function waitOfRun({ synchronous = false, wait }: TaskSpec, said: string | undefined): number {
  const asked = said === undefined ? null : parseDuration(said);
  const own = wait === undefined ? USUAL_WAIT_MS : (parseDuration(wait) ?? USUAL_WAIT_MS);
  return Math.min(asked ?? (synchronous ? own : 0), longestWaitMs);
}
