import type { Stage } from "./stage.ts";

/** What the output of a stage is kept under: a job's own id is that of the user's stage, so that is the job's output. */
export function outputIdOf({ id, jobId, position }: Pick<Stage, "id" | "jobId" | "position">): string {
  return id === jobId ? jobId : `${jobId}.${position}`;
}
