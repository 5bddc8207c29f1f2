import type { Job } from "../../core/job/job.ts";
import type { Follower } from "../../logs/log-store.ts";
import type { ReconcilerContext } from "../context.ts";
import { outputIdOf } from "../../core/stages/output-of-stage.ts";

/**
 * Ends an output that nobody followed to its end: readers that wait for it hear that no more will come.
 * Returns the bytes there are, of both streams together.
 */
export async function closeOutput(
  { logs, report }: Pick<ReconcilerContext, "logs" | "report">,
  outputId: string,
): Promise<number> {
  let follower: Follower | null = null;
  try {
    follower = logs.follow(outputId);
    const { stdout, stderr } = await follower.finish();
    return stdout + stderr;
  } catch (error) {
    report.fault(`Cannot close the output of job "${outputId}"`, error);
    await follower?.detach();
    return 0;
  }
}

/** The same of the stages that a job's end leaves undone. */
export async function closeSkipped(
  context: ReconcilerContext,
  { id, stagesBefore }: Pick<Job, "id" | "stagesBefore">,
): Promise<void> {
  if (stagesBefore === 0) return;
  for (const stage of await context.store.stages.list(id))
    if (stage.state === "queued") await closeOutput(context, outputIdOf(stage));
}
