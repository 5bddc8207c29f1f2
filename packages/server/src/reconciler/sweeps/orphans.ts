import { isTerminal } from "@berth/protocol";
import type { Job } from "../../core/job/job.ts";
import type { Store } from "../../store/store.ts";
import type { ReconcilerContext } from "../context.ts";

/**
 * Removes what the engines still hold of jobs that have ended or are not known, and what jobs that have ended brought
 * with them: left by a crash after the record.
 */
export async function sweepOrphans({ engines, store, report }: ReconcilerContext): Promise<void> {
  for (const engine of engines.values()) {
    // One engine that cannot say what it holds keeps the others from nothing.
    const held = await engine.list().catch((error: unknown) => {
      report.fault("Cannot list what an engine holds", error);
      return [];
    });
    for (const { id, handle } of held) {
      // Asked now, not before: a job that came meanwhile is in the store before anything of it is on the host.
      const job = (await store.jobs.get(id)) ?? (await jobOfStage(store, id));
      if (job && !isTerminal(job.state)) continue;
      await engine
        .destroy(handle)
        .catch((error: unknown) => report.fault(`Cannot remove what is left of job "${id}"`, error));
    }
  }
  await store.jobs.dropInputsOfEnded();
}

async function jobOfStage(store: Store, id: string): Promise<Job | null> {
  const stage = await store.stages.get(id);
  return stage && (await store.jobs.get(stage.jobId));
}
