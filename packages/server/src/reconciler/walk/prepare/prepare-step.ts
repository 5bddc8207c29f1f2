import type { Job } from "../../../core/job.ts";
import type { Launch } from "../../../engines/engine.ts";
import type { ReconcilerContext } from "../../context.ts";

/**
 * One thing that must be there before a job can start. Steps run in order, each adds its part of the launch;
 * what a step makes, the end of the job removes, also when the step never ran.
 */
export interface PrepareStep {
  run(context: ReconcilerContext, job: Job): Promise<Partial<Launch>>;
}
