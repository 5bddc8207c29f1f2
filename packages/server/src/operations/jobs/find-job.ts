import { BerthError, operations, type Permission } from "@berth/protocol";
import type { Caller } from "../../core/caller/caller.ts";
import type { Job } from "../../core/job/job.ts";
import { isAlias } from "../../core/task/job-alias.ts";
import type { Context } from "../context.ts";

/** Names one job and who asks for it. */
export interface JobRequest {
  caller: Caller;
  /** Or the alias of a run of a task. */
  id: string;
}

const toSee = operations.getJob.permission;

/**
 * The job, when it is there and the caller may see it; else JOB_NOT_FOUND, whichever of the two it was. Throws FORBIDDEN
 * when the caller may see it, and not do this to it.
 */
export async function findJob(
  { store, access }: Context,
  { caller, id }: JobRequest,
  permission: Permission = toSee,
): Promise<Job> {
  const job = await (isAlias(id) ? store.jobs.byAlias(id) : store.jobs.get(id));
  if (!job || !(await access.allows(caller, toSee, job))) throw jobNotFound(id);
  if (permission !== toSee) await access.demand(caller, permission, job);
  return job;
}

export function jobNotFound(id: string): BerthError {
  return new BerthError("JOB_NOT_FOUND", `Cannot find job "${id}"`);
}
