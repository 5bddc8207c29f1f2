import type { ReconcilerContext } from "../context.ts";

/**
 * Ends the output of a job that nobody followed to its end: readers that wait for it hear that no more will come.
 * Returns the bytes there are, of both streams together.
 */
export async function closeOutput({ logs, report }: ReconcilerContext, jobId: string): Promise<number> {
  try {
    const { stdout, stderr } = await logs.follow(jobId, { limitBytes: 0, onLimit: () => undefined }).finish();
    return stdout + stderr;
  } catch (error) {
    report.fault(`Cannot close the output of job "${jobId}"`, error);
    return 0;
  }
}
