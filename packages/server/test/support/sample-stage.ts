import type { Job } from "../../src/core/job/job.ts";
import { newStage } from "../../src/core/stages/new-stage.ts";
import type { Stage } from "../../src/core/stages/stage.ts";
import { newId } from "../../src/lib/ids.ts";

/** Stages before the user's of a job, one of each state that is named. */
export function sampleStages(job: Job, states: readonly Stage["state"][]): Stage[] {
  return states.map((state, position) => {
    const id = newId();
    return {
      ...newStage({ id, jobId: job.id, kind: "unpack", position, handle: `fake:1:${id}`, isolation: null }),
      state,
    };
  });
}
