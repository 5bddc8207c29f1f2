import { BerthError } from "@berth/protocol";
import { maySee } from "../../core/access.ts";
import type { Job } from "../../core/job.ts";
import type { Principal } from "../../core/principal.ts";
import type { Context } from "../context.ts";

/** Names one job and who asks for it. */
export interface JobRequest {
  principal: Principal;
  id: string;
}

/** The job, when it is there and the caller may see it; else JOB_NOT_FOUND, whichever of the two it was. */
export async function findJob(context: Context, { principal, id }: JobRequest): Promise<Job> {
  const job = await context.store.jobs.get(id);
  if (!job || !maySee(principal, job)) throw jobNotFound(id);
  return job;
}

export function jobNotFound(id: string): BerthError {
  return new BerthError("JOB_NOT_FOUND", `Cannot find job "${id}"`);
}
