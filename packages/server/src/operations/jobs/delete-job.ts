import { BerthError, isTerminal, operations } from "@berth/protocol";
import type { Context } from "../context.ts";
import { findJob, jobNotFound, type JobRequest } from "./find-job.ts";

/** Forgets a finished job with its output and artifacts. JOB_NOT_FINISHED while it has not ended. */
export async function deleteJob(context: Context, request: JobRequest): Promise<void> {
  const job = await findJob(context, request, operations.deleteJob.permission);
  if (!isTerminal(job.state)) {
    throw new BerthError("JOB_NOT_FINISHED", `Cannot delete job "${job.id}": it is ${job.state}`);
  }
  const audited = { ...operations.deleteJob.permission, name: job.id, about: { owner: job.owner } };
  const record = context.audit.entry(request.caller, audited);
  if (!(await context.scheduler.forget(job, record))) throw jobNotFound(job.id);
}
