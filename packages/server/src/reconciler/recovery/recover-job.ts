import type { Job } from "../../core/job/job.ts";
import { aboutUserStage } from "../../core/stages/event-stage.ts";
import type { Engine, Recovered } from "../../engines/engine.ts";
import type { PassedState } from "../../store/store.ts";
import type { ReconcilerContext } from "../context.ts";
import { runningSince, takenUp, type RunningJob } from "../supervision/running-job.ts";

/** What became of a job that an earlier server had begun. Only a job that never reached the runtime is started. */
export async function recoverJob(
  job: Job & { handle: string },
  { engine, inherited }: { engine: Engine; inherited: boolean },
): Promise<Extract<Recovered, { kind: "found" | "lost" }> | null> {
  const recovered = await engine.recover(job.handle);
  if (recovered.kind === "found" || recovered.kind === "lost") return recovered;
  const mayHaveRun = recovered.kind === "forgotten" && inherited;
  if (mayHaveRun) return { kind: "lost", startedAt: null, why: "the host was restarted meanwhile" };
  if (job.state === "preparing" || (job.state === "stopping" && job.startedAt === null)) return null;
  return { kind: "lost", startedAt: null, why: "it was running, and nothing of it is left on the host" };
}

/** The server may have died before it recorded the start: then the job has no deadline yet. */
export function runningAsFound(
  context: ReconcilerContext,
  job: Job & { handle: string },
  {
    startedAt,
    revisit,
    ...ages
  }: Omit<Extract<Recovered, { kind: "found" }>, "kind"> & { revisit: () => void },
): RunningJob {
  if (job.startedAt !== null) return takenUp(job, ages);
  const at = startedAt ?? context.clock.now();
  return runningSince(context, job, { startedAt: at, ...ages, revisit });
}

/** That it ran, where nobody has recorded that. */
export function passedBy(job: Job, { startedAt }: { startedAt: number | null }): PassedState | null {
  return job.startedAt === null && startedAt !== null
    ? { state: "running", at: startedAt, ...aboutUserStage(job, "running") }
    : null;
}
