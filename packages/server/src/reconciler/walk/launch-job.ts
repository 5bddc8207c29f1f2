import type { Job } from "../../core/job/job.ts";
import { endOfStop } from "../../core/job/end.ts";
import type { Engine, Started, WorkFolder } from "../../engines/engine.ts";
import { crashPoint } from "../../lib/crash-point.ts";
import type { ReconcilerContext } from "../context.ts";
import { endJob } from "../end/end-job.ts";
import { runningSince, type RunningJob } from "../supervision/running-job.ts";
import { prepare } from "./prepare/prepare.ts";
import { startWorkload } from "./start-workload.ts";
import { isStored } from "./storing.ts";
import type { Walk } from "./walk.ts";
import { whyNotStarted } from "./why-not-started.ts";

/**
 * Prepares and starts the user's code and records the job as running; user code is never started twice. null when the
 * job has ended instead, or was not stored.
 */
export async function launchJob(
  context: ReconcilerContext,
  job: Job & { handle: string },
  { engine, walk, work, leftMs }: { engine: Engine; walk: Walk; work: WorkFolder; leftMs: number | null },
): Promise<RunningJob | null> {
  const { signal } = walk;
  if (job.stop) {
    await endJob(context, job, { ...endOfStop(job.stop), signal });
    return null;
  }
  let started: Started;
  try {
    started = await startWorkload(context, {
      engine,
      prepare: () => prepare(context, job, { work, storing: walk.storing }),
      leftMs,
      walk,
    });
  } catch (error) {
    if (signal.aborted) throw error;
    if (!(await isStored(walk.storing))) return null;
    await endJob(context, job, { ...whyNotStarted(context, error, { job }), signal });
    return null;
  }
  crashPoint("spawned");
  const { isolation } = started;
  const startedAt = context.clock.now();
  return runningSince(
    context,
    { ...job, isolation },
    { startedAt, ended: false, ageMs: null, revisit: walk.revisit },
  );
}
