import type { End } from "../../../core/job/end.ts";
import type { Job } from "../../../core/job/job.ts";
import { reasonIn, sourceFailed, type SourceReason } from "../../../core/task/source-reason.ts";
import type { Seen } from "../../../sources/door/door.ts";
import { cloneExit } from "./clone-script.ts";

/** What ended by the job's own walls keeps its cause. What the door has seen is known: what git says is its host's word too. */
export function whyNotCloned(
  end: End,
  { job, said, seen }: { job: Pick<Job, "limits" | "source">; said: string; seen: Seen | null },
): End {
  const { cause } = end;
  const exitCode = typeof cause.evidence["exitCode"] === "number" ? cause.evidence["exitCode"] : null;
  const reason = seen?.reason ?? whoseLimit(reasonOf(exitCode, said), { job, exitCode });
  const { code, message, evidence } = sourceFailed(reason, seen?.detail).cause;
  return { ...end, cause: { code, message, evidence: { ...cause.evidence, ...evidence } } };
}

/** The kernel says of both limits the same: a file was too large for the lower one. What the stage itself has counted is the source's. */
function whoseLimit(
  reason: SourceReason,
  { job, exitCode }: { job: Pick<Job, "limits" | "source">; exitCode: number | null },
): SourceReason {
  const disk = job.limits.disk?.value ?? null;
  const isCounted = exitCode === cloneExit.tooLarge;
  if (reason !== "too_large" || isCounted || disk === null) return reason;
  return disk <= (job.source?.mostBytes ?? 0) ? "disk_limit" : reason;
}

function reasonOf(exitCode: number | null, said: string): SourceReason {
  switch (exitCode) {
    case cloneExit.slow:
    case 124:
      return "too_slow";
    case cloneExit.noCommit:
      return "no_such_ref";
    case cloneExit.leadsOut:
      return "leads_out";
    case cloneExit.tooManyFiles:
      return "too_many_files";
    case cloneExit.tooLarge:
    // What the shell makes of SIGXFSZ.
    case 128 + 25:
      return "too_large";
    default:
      return reasonIn(said);
  }
}
