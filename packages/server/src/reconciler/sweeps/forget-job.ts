import type { ReconcilerContext } from "../context.ts";

/**
 * Forgets a finished job with everything it left. The row goes first: files without a row are swept, a row without
 * files would be a lie. False when the job is not there or has not ended.
 */
export async function forgetJob(
  { store, logs, artifacts, engines }: ReconcilerContext,
  job: { id: string; handle: string | null; engine: string },
): Promise<boolean> {
  if (!(await store.jobs.delete(job.id))) return false;
  if (job.handle !== null) await engines.get(job.engine)?.destroy(job.handle);
  await logs.delete(job.id);
  await artifacts.delete(job.id);
  return true;
}
