import type {
  Contact as ContactBody,
  Job as JobBody,
  JobEvent as EventBody,
  JobSpec,
  JobSpecView,
  Stage as StageBody,
} from "@berth/protocol";
import { contentSize } from "@berth/protocol";
import type { Job, JobEvent } from "./job.ts";
import type { Stage } from "../stages/stage.ts";
import type { Contact } from "../network/contact.ts";

const iso = (ms: number): string => new Date(ms).toISOString();
const isoOrNull = (ms: number | null): string | null => (ms === null ? null : iso(ms));

/**
 * A job as the contract shows it: times as ISO 8601 in UTC, nothing of handles and limits. All but its spec and its
 * result, which are text already.
 */
export function viewJob(job: Job): Omit<JobBody, "spec" | "result"> {
  return {
    id: job.id,
    name: job.name,
    labels: job.labels,
    state: job.state,
    cause: job.cause,
    exitCode: job.exitCode,
    signal: job.signal,
    createdAt: iso(job.createdAt),
    startedAt: isoOrNull(job.startedAt),
    endedAt: isoOrNull(job.endedAt),
    deadlineAt: isoOrNull(job.deadlineAt),
    usage: job.usage,
    isolation: job.isolation,
    engine: job.engine,
    network: job.network?.name ?? "none",
    ...(job.contacts !== null && { contacts: job.contacts }),
    owner: job.owner,
    ...(job.task !== null && { task: viewTask(job.task, job) }),
    ...(job.retry !== null && { retry: viewRetry(job.retry) }),
  };
}

/** Of where it comes from nothing else is told: who may run a task need not know its runner. */
function viewTask(
  { name, version, runnerVersion }: NonNullable<Job["task"]>,
  { source }: Pick<Job, "source">,
): NonNullable<JobBody["task"]> {
  const commit = source?.commit ?? null;
  return { name, version, runnerVersion, ...(commit !== null && { commit }) };
}

function viewRetry({ attempt, of, at, as, why }: NonNullable<Job["retry"]>): NonNullable<JobBody["retry"]> {
  return {
    attempt,
    retryOf: of,
    retryAt: isoOrNull(at ?? null),
    retriedAs: as ?? null,
    notRetried: why ?? null,
  };
}

export function viewStage(stage: Stage): StageBody {
  const { id, kind, state, cause, startedAt, endedAt, exitCode, usage, isolation } = stage;
  const times = { startedAt: isoOrNull(startedAt), endedAt: isoOrNull(endedAt) };
  return { id, kind, state, cause, ...times, exitCode, usage, isolation };
}

export function viewContact({ firstAt, lastAt, ...contact }: Contact): ContactBody {
  return { ...contact, firstAt: iso(firstAt), lastAt: iso(lastAt) };
}

export function viewEvent(event: JobEvent): EventBody {
  return {
    seq: event.seq,
    jobId: event.jobId,
    type: event.type,
    at: iso(event.at),
    cause: event.cause,
    exitCode: event.exitCode,
    deadlineAt: isoOrNull(event.deadlineAt),
    ...(event.stage !== null && { stage: event.stage }),
  };
}

/** The spec as it may be shown and kept with the job: input contents become sizes. */
export function viewSpec(spec: JobSpec): JobSpecView {
  const { files, stdin, ...rest } = spec;
  return {
    ...rest,
    ...(files && {
      files: Object.fromEntries(
        Object.entries(files).map(([name, content]) => [name, { size: contentSize(content) }]),
      ),
    }),
    ...(stdin !== undefined && { stdin: { size: contentSize(stdin) } }),
  };
}
