import { BerthError, formatDuration, isTerminal, longestDurationMs, operations } from "@berth/protocol";
import type { Job } from "../../core/job/job.ts";
import type { Context } from "../context.ts";
import { findJob, type JobRequest } from "./find-job.ts";

/** Adds to the run timeout of a job that has not ended. A job without one has nothing to extend: REQUEST_INVALID. */
export async function extendJob(context: Context, request: JobRequest & { byMs: number }): Promise<Job> {
  const job = await findJob(context, request, operations.extendJob.permission);
  if (isTerminal(job.state)) throw finished(job);
  if (job.limits.runMs === null)
    throw new BerthError("REQUEST_INVALID", `Cannot extend job "${job.id}": it has no run timeout`);
  if (job.limits.runMs.value + request.byMs > longestDurationMs)
    throw new BerthError(
      "REQUEST_INVALID",
      `Cannot extend job "${job.id}": it would run for more than ${formatDuration(longestDurationMs)}`,
    );
  const about = { owner: job.owner, byMs: request.byMs };
  const audit = context.audit.entry(request.caller, {
    ...operations.extendJob.permission,
    name: job.id,
    about,
  });
  const { byMs } = request;
  const extended = await context.store.jobs.extend(job.id, { byMs, at: context.now(), audit });
  if (!extended) throw finished(job);
  context.scheduler.wake(job.id);
  return extended;
}

function finished(job: Job): BerthError {
  return new BerthError("JOB_FINISHED", `Cannot extend job "${job.id}": it has ended`);
}
