import { BerthError, isTerminal } from "@berth/protocol";
import type { Context } from "../context.ts";
import { findJob, jobNotFound, type JobRequest } from "./find-job.ts";

/** Forgets a finished job with its output and artifacts. JOB_NOT_FINISHED while it has not ended. */
export async function deleteJob(context: Context, request: JobRequest): Promise<void> {
  const job = await findJob(context, request);
  if (!isTerminal(job.state)) {
    throw new BerthError("JOB_NOT_FINISHED", `Cannot delete job "${job.id}": it is ${job.state}`);
  }
  await forgetJob(context, job);
}

/** The row goes first: files without a row are swept, a row without files would be a lie. */
export async function forgetJob(
  { store, logs, artifacts, engines }: Pick<Context, "store" | "logs" | "artifacts" | "engines">,
  job: { id: string; handle: string | null; engine: string },
): Promise<void> {
  if (!(await store.jobs.delete(job.id))) throw jobNotFound(job.id);
  if (job.handle !== null) await engines.get(job.engine)?.destroy(job.handle);
  await logs.delete(job.id);
  await artifacts.delete(job.id);
}
