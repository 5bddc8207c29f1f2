import { operations } from "@berth/protocol";
import type { Caller } from "../../core/caller/caller.ts";
import type { Job } from "../../core/job/job.ts";
import type { Stage } from "../../core/stages/stage.ts";
import { stagesOf } from "../../core/stages/stages-of-job.ts";
import type { Context } from "../context.ts";

/** All stages of a job, in order; those of a plain command are known without a look. */
export async function listStages(
  { store, access }: Pick<Context, "store" | "access">,
  { caller, job }: { caller: Caller; job: Job },
): Promise<Stage[]> {
  await access.demand(caller, operations.getJob.permission, job);
  return stagesOf(job, job.stagesBefore === 0 ? [] : await store.stages.list(job.id));
}
