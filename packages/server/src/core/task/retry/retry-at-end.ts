import { type Cause, longestBackoffMs, parseDuration, type TaskSpec } from "@berth/protocol";
import { type BackoffOptions, backoffMs } from "../../../lib/retry.ts";
import type { End } from "../../job/end.ts";
import type { Job } from "../../job/job.ts";
import type { SourceReason } from "../source-reason.ts";
import type { Retry } from "./retries.ts";

type RetryPolicy = NonNullable<TaskSpec["retry"]>;

const DEFAULT_BACKOFF_MS = 10_000;

/** Reasons that lie with the host of the code, or the way there, and may be gone in a while. */
const passing: ReadonlySet<unknown> = new Set<SourceReason>(["host_not_found", "unreachable", "too_slow"]);

/**
 * Whether a run may be made again at all, as far as its end says: by nothing that is the user's doing. The cheap question, before
 * what its task says is looked at.
 */
export function isFault(
  { task, stop }: Pick<Job, "task" | "stop">,
  { cause: { code, evidence } }: Pick<End, "cause">,
): boolean {
  if (task === null || stop !== null) return false;
  if (code === "source_failed") return passing.has(evidence["reason"]);
  return code === "engine_failed" || code === "lost";
}

/** When a run that ended so is made again; null where it is not. `begun`: its command may have done something. */
export function retryAtEnd(
  job: Pick<Job, "task" | "stop" | "retry">,
  { end, endedAt, begun }: { end: Pick<End, "cause">; endedAt: number; begun: boolean },
  { most, backoff, idempotent = false }: RetryPolicy,
  options: Pick<BackoffOptions, "random"> = {},
): (Retry & { at: number }) | null {
  const { attempt, of } = job.retry ?? { attempt: 1, of: null };
  const mayHaveRun = begun || end.cause.code === "lost";
  if (!isFault(job, end) || attempt > most || (mayHaveRun && !idempotent)) return null;
  const baseMs = backoff === undefined ? DEFAULT_BACKOFF_MS : (parseDuration(backoff) ?? DEFAULT_BACKOFF_MS);
  return { attempt, of, at: endedAt + backoffMs(attempt, { baseMs, maxMs: longestBackoffMs, ...options }) };
}

/** The cause says that it is not the last word. */
export function toldOfRetry({ message, ...cause }: Cause, { at }: { at: number }): Cause {
  const retryAt = new Date(at).toISOString();
  return {
    ...cause,
    message: `${message}; it is run again at ${retryAt}`,
    evidence: { ...cause.evidence, retryAt },
  };
}
