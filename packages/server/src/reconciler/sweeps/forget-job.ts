import type { AuditEntry } from "../../core/audit/record.ts";
import type { ReconcilerContext } from "../context.ts";

/**
 * Forgets a finished job with everything it left. The row goes first: files without a row are swept, a row without
 * files would be a lie. False when the job is not there or has not ended.
 */
export async function forgetJob(
  { store, logs, artifacts, engines }: ReconcilerContext,
  job: { id: string; handle: string | null; engine: string },
  audit: AuditEntry,
): Promise<boolean> {
  const stages = await store.stages.list(job.id);
  if (!(await store.jobs.delete(job.id, audit))) return false;
  const engine = engines.get(job.engine);
  const destroy = async (): Promise<void> => {
    if (job.handle !== null) await engine?.destroy(job.handle);
    for (const { handle } of stages.toReversed()) if (handle !== null) await engine?.destroy(handle);
  };
  const removals = await Promise.allSettled([destroy(), logs.delete(job.id), artifacts.delete(job.id)]);
  // What fails must not keep the others: nobody comes back for artifacts of a job that is not known any more.
  const failed = removals.find((removal) => removal.status === "rejected");
  if (failed) throw failed.reason as Error;
  return true;
}
