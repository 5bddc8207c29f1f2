import type { Job } from "../../../core/job/job.ts";
import type { ReconcilerContext } from "../../context.ts";
import type { LaunchPart } from "./launch-part.ts";

/**
 * One thing that must be there before a job can start. Each step gives its part of the launch;
 * what a step makes, the end of the job removes, also when the step never ran.
 */
export interface PrepareStep {
  run(context: ReconcilerContext, job: Job): Promise<LaunchPart>;
}
