import type { ReconcilerContext } from "../context.ts";

/** Removes what the engines still hold of jobs that have ended or are not known: left by a crash after the record. */
export async function sweepOrphans({ engines, store, report }: ReconcilerContext): Promise<void> {
  const unfinished = new Set((await store.jobs.unfinished()).map(({ id }) => id));
  for (const engine of engines.values()) {
    for (const { id, handle } of await engine.list()) {
      if (unfinished.has(id)) continue;
      await engine
        .destroy(handle)
        .catch((error: unknown) => report.fault(`Cannot remove what is left of job "${id}"`, error));
    }
  }
}
