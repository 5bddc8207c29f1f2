import { type ListJobsFilter, operations } from "@berth/protocol";
import type { Job } from "../../core/job/job.ts";
import type { Context } from "../context.ts";
import { listJobs, type ListRequest } from "../jobs/list-jobs.ts";
import { demandSeen } from "./definitions/find-definition.ts";

/**
 * The jobs of a task, newest first: of those that the caller may see, so of its own alone where it has no other right than to
 * execute the task. Throws TASK_NOT_FOUND, FORBIDDEN, CURSOR_INVALID.
 */
export async function listTaskJobs(
  context: Context,
  { name, filter, ...request }: Omit<ListRequest, "filter"> & { name: string; filter: TaskJobsFilter },
): Promise<{ items: Job[]; next: string | null }> {
  await context.access.enter(request.caller, operations.listTaskJobs.permission);
  await demandSeen(context, { caller: request.caller, kind: "task", name });
  return await listJobs(context, { ...request, filter: { ...filter, task: name } });
}

type TaskJobsFilter = Pick<ListJobsFilter, "state" | "limit" | "cursor">;
