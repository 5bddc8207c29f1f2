import { BerthError, isTerminal } from "@berth/protocol";
import type { Job } from "../../core/job.ts";
import { KeyedQueue } from "../../lib/keyed-queue.ts";
import type { Context } from "../context.ts";
import { findJob, type JobRequest } from "./find-job.ts";

/** One extension of a job at a time: each adds to what the one before has made of the deadline. */
const turns = new KeyedQueue();

/** Adds to the run timeout of a job that has not ended. A job without one has nothing to extend: REQUEST_INVALID. */
export function extendJob(context: Context, request: JobRequest & { byMs: number }): Promise<Job> {
  return turns.run(request.id, () => extend(context, request));
}

async function extend(context: Context, request: JobRequest & { byMs: number }): Promise<Job> {
  const job = await findJob(context, request);
  if (isTerminal(job.state)) throw finished(job);
  const { runMs } = job.limits;
  if (runMs === null)
    throw new BerthError("REQUEST_INVALID", `Cannot extend job "${job.id}": it has no run timeout`);
  const change =
    job.deadlineAt === null
      ? { limits: { ...job.limits, runMs: { ...runMs, value: runMs.value + request.byMs } } }
      : { deadlineAt: job.deadlineAt + request.byMs };
  const extended = await context.store.jobs.update(job.id, change, { type: "extended", at: context.now() });
  if (!extended) throw finished(job);
  context.scheduler.wake(job.id);
  return extended;
}

function finished(job: Job): BerthError {
  return new BerthError("JOB_FINISHED", `Cannot extend job "${job.id}": it has ended`);
}
