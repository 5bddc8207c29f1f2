import { isTerminal, operations } from "@berth/protocol";
import type { Job } from "../../core/job/job.ts";
import { stopCause } from "../../core/cause/stop-cause.ts";
import type { Context } from "../context.ts";
import { findJob, jobNotFound, type JobRequest } from "./find-job.ts";

/**
 * Asks for the stop of a job; the reconciler carries it out. A job that has ended stays as it is.
 * A second stop may only shorten the grace: the first request stays the cause.
 */
export async function stopJob(
  context: Context,
  request: JobRequest & { graceMs: number | null },
): Promise<Job> {
  const job = await findJob(context, request, operations.stopJob.permission);
  const graceMs = request.graceMs ?? context.policy.stopGraceMs;
  if (isTerminal(job.state)) return job;
  if (job.stop && job.stop.graceMs <= graceMs) {
    // Whoever asks again may do so because nothing came of the first time.
    context.scheduler.wake(job.id);
    return job;
  }
  const cause = job.stop?.cause ?? stopCause.stopped(request.caller.principal.name);
  const { permission } = operations.stopJob;
  const audited = { ...permission, name: job.id, about: { owner: job.owner, graceMs } };
  const asked = await context.store.jobs.update(job.id, {
    audit: context.audit.entry(request.caller, audited),
    stop: { cause, graceMs, requestedAt: context.now(), requestedSinceBoot: context.sinceBoot() },
  });
  if (asked) {
    context.scheduler.wake(job.id);
    return asked;
  }
  const ended = await context.store.jobs.get(job.id);
  if (!ended) throw jobNotFound(job.id);
  return ended;
}
