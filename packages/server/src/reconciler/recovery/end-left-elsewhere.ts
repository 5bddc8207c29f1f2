import { isTerminal } from "@berth/protocol";
import { lost } from "../../core/job/end.ts";
import type { ReconcilerContext } from "../context.ts";
import { endJob } from "../end/end-job.ts";

const WHY = "a server with another data folder had begun it, and another one has the database since";

/**
 * Ends a job that a server on another host had begun, perhaps: its files are there, and here nobody can see whether it runs. It
 * is never started again, for it might run twice.
 */
export async function endLeftElsewhere(
  context: ReconcilerContext,
  jobId: string,
  signal: AbortSignal,
): Promise<void> {
  const job = await context.store.jobs.get(jobId);
  if (job !== null && !isTerminal(job.state))
    await endJob(context, job, { ...lost(WHY), claims: true, signal });
}
