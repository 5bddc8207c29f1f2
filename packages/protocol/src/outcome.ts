import type { EndCause } from "./causes.ts";
import { signalNumber } from "./signals.ts";
import { isTerminal, type JobState } from "./states.ts";

/** What of a job tells how it came out. */
export interface Outcome {
  state: JobState;
  cause: { code: string; evidence: Readonly<Record<string, unknown>> } | null;
  exitCode: number | null;
  signal: string | null;
}

/** The codes of ends for which no code of the program speaks. */
export const outcomeCodes = {
  succeeded: 0,
  /** Stopped, or over a limit, without a signal or a code of its own but 0. */
  endedByBerth: 123,
  timeout: 124,
  /** The host failed, or nobody can know how it ended. */
  berthFailed: 125,
  cannotExecute: 126,
  programNotFound: 127,
} as const;

const FIRST_SIGNAL = 128;
const KILLED = 137;

const TIMEOUTS: readonly string[] = [
  "run_timeout",
  "cpu_timeout",
  "start_timeout",
  "idle_timeout",
  "queue_timeout",
] satisfies EndCause[];

/**
 * How a job came out, in one number as shells know them; null while it has not ended. 0 says that it succeeded, and
 * nothing else does, whatever code its program ended with. Else 124 for every timeout; 127 and 126 for a program that
 * is not there or cannot be executed; 125 when the host failed; 128 and the signal's number where one ended it; the
 * program's own code where it has one that is not 0; 123 for the rest.
 */
export function outcomeCode({ state, cause, exitCode, signal }: Outcome): number | null {
  if (!isTerminal(state)) return null;
  if (state === "succeeded") return outcomeCodes.succeeded;
  if (cause !== null && TIMEOUTS.includes(cause.code)) return outcomeCodes.timeout;
  if (cause?.code === "command_failed") {
    return cause.evidence["found"] === false ? outcomeCodes.programNotFound : outcomeCodes.cannotExecute;
  }
  if (cause?.code === "engine_failed" || state === "lost") return outcomeCodes.berthFailed;
  const number = signal === null ? null : signalNumber(signal);
  if (number !== null) return FIRST_SIGNAL + number;
  if (exitCode !== null && exitCode !== 0) return exitCode;
  return cause?.code === "oom" ? KILLED : outcomeCodes.endedByBerth;
}
