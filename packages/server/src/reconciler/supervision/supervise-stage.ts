import type { Job, StopRequest } from "../../core/job/job.ts";
import { aboutStage } from "../../core/stages/event-stage.ts";
import { outputIdOf } from "../../core/stages/output-of-stage.ts";
import type { Stage } from "../../core/stages/stage.ts";
import { stopCause } from "../../core/cause/stop-cause.ts";
import type { Exit } from "../../engines/engine.ts";
import { crashPoint } from "../../lib/crash-point.ts";
import type { ReconcilerContext } from "../context.ts";
import type { StageWalk } from "../walk/walk.ts";
import { finishOutput } from "./finish-output.ts";
import { Stopper } from "./stopper.ts";

export interface SupervisedStage {
  exit: Exit;
  /** The stop that was acted on before the end; null when the stage ended by itself. */
  stop: StopRequest | null;
  outputBytes: { stdout: number; stderr: number };
}

/**
 * Watches over a stage before the user's to its end: exit, stop request and the job's start timeout. The run, idle and
 * CPU clocks are those of the user's code. Rejects with the signal's reason when the server goes down first.
 */
export async function superviseStage(
  context: ReconcilerContext,
  {
    job,
    stage,
    leftMs,
    ageMs,
    engine,
    walk,
  }: StageWalk & {
    /** How long ago it was started when it was taken up; null where it was started just now, or nobody knows. */
    ageMs: number | null;
  },
): Promise<SupervisedStage> {
  const { clock, logs } = context;
  using stopper = new Stopper({
    context,
    engine,
    job: { ...job, handle: stage.handle },
    unrecorded: () => null,
    about: aboutStage(stage, "stopping"),
  });
  const startedAt = ageMs === null ? (stage.startedAt ?? clock.now()) : clock.now() - ageMs;
  const follower = logs.follow(outputIdOf(stage), { startedAt });
  using _startTimeout = startTimeout(context, { job, stage, leftMs: leftMs(), stopper });
  if (job.stop) stopper.resume(job.stop);
  walk.onChange(() => void look(context, job, stopper));
  try {
    const exit = await engine.wait(stage.handle, walk.signal);
    // The engine's answer to a stop says whether KILL was needed.
    await stopper.settled();
    const what = `stage "${stage.kind}" of job "${job.id}"`;
    const outputBytes = await finishOutput(context, { follower, what, signal: walk.signal });
    crashPoint(`stage-${stage.position}-exited`);
    return { exit, stop: stopper.stop, outputBytes };
  } catch (error) {
    await follower.detach();
    throw error;
  } finally {
    walk.unwatch();
  }
}

/** Stops the stage once the job's start timeout is over. */
function startTimeout(
  { clock, settings }: ReconcilerContext,
  { job, stage, leftMs, stopper }: { job: Job; stage: Stage; leftMs: number | null; stopper: Stopper },
): Disposable {
  const limit = job.limits.startMs;
  if (leftMs === null || limit === null) return { [Symbol.dispose]: () => undefined };
  const strike = (): void =>
    stopper.request({
      cause: stopCause.startTimeout(limit, stage.kind),
      graceMs: settings.stopGraceMs,
      requestedAt: clock.now(),
    });
  return { [Symbol.dispose]: clock.setTimer(clock.now() + leftMs, strike) };
}

async function look({ store, report }: ReconcilerContext, { id }: Job, stopper: Stopper): Promise<void> {
  try {
    const now = await store.jobs.get(id);
    if (now?.stop) stopper.request(now.stop);
  } catch (error) {
    report.fault(`Cannot read job "${id}"`, error);
  }
}
