import { BerthError, isTerminal, operations } from "@berth/protocol";
import type { Context } from "../context.ts";
import { findJob, type JobRequest } from "./find-job.ts";

/** The JSON document a finished job left, as text. JOB_NOT_FINISHED before its end, RESULT_NOT_FOUND when it left none. */
export async function readResult(context: Context, request: JobRequest): Promise<string> {
  const job = await findJob(context, request, operations.readResult.permission);
  if (!isTerminal(job.state)) {
    throw new BerthError("JOB_NOT_FINISHED", `Cannot read the result of job "${job.id}": it is ${job.state}`);
  }
  if (job.resultJson === null)
    throw new BerthError("RESULT_NOT_FOUND", `Cannot read the result of job "${job.id}": it left none`);
  return job.resultJson;
}
