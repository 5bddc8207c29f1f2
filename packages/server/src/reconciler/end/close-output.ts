import type { Follower } from "../../logs/log-store.ts";
import type { ReconcilerContext } from "../context.ts";

/**
 * Ends the output of a job that nobody followed to its end: readers that wait for it hear that no more will come.
 * Returns the bytes there are, of both streams together.
 */
export async function closeOutput({ logs, report }: ReconcilerContext, jobId: string): Promise<number> {
  let follower: Follower | null = null;
  try {
    follower = logs.follow(jobId);
    const { stdout, stderr } = await follower.finish();
    return stdout + stderr;
  } catch (error) {
    report.fault(`Cannot close the output of job "${jobId}"`, error);
    await follower?.detach();
    return 0;
  }
}
