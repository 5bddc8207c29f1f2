import { isTerminal } from "@berth/protocol";
import type { Job } from "../../core/job/job.ts";
import { aboutStage } from "../../core/stages/event-stage.ts";
import { hasEnded } from "../../core/stages/find-stage.ts";
import { jobStateOf } from "../../core/stages/job-state-of-stages.ts";
import type { Stage } from "../../core/stages/stage.ts";
import { stagesOf } from "../../core/stages/stages-of-job.ts";
import type { End } from "../../core/job/end.ts";
import type { Engine, WorkFolder } from "../../engines/engine.ts";
import type { ReconcilerContext } from "../context.ts";
import { endJob } from "../end/end-job.ts";
import { endStage } from "../end/end-stage.ts";
import { startClock } from "./start-clock.ts";
import type { Walk } from "./walk.ts";
import { walkStage } from "./walk-stage.ts";

/** What the stages before the user's have brought about. */
export interface Prepared {
  /** The job as it is by now. */
  job: Job & { handle: string };
  /** The folder that the user's code finds as /work. */
  work: WorkFolder;
  /** Ms that are left of the start timeout. */
  leftMs: number | null;
  /** Something was still to be done: then nobody can have started the user's code. */
  wasMissing: boolean;
}

/**
 * Does what is missing before the user's code can be started; what is done is not done again. null when the job has
 * ended instead. Without an engine it is `withoutEngine` that ends what is missing.
 */
export async function walkStages(
  context: ReconcilerContext,
  job: Job & { handle: string },
  { engine, withoutEngine, walk }: { engine: Engine | undefined; withoutEngine: End; walk: Walk },
): Promise<Prepared | null> {
  const stages = (await context.store.stages.list(job.id)).map(withHandle);
  const leftMs = startClock(job, stages, context.clock);
  const wasMissing = stages.some(({ state }) => state !== "succeeded");
  const walked: Stage[] = [];
  let work: WorkFolder = { kind: "own" };
  for (const stage of stages) {
    // One that ended before the server went down has only to be told of.
    const bring = (): Promise<Stage> =>
      engine
        ? walkStage(context, { job, stage, work, leftMs, engine, walk })
        : endStage(context, { job, stage, walk, end: withoutEngine });
    const done = hasEnded(stage) ? stage : await bring();
    walked.push(done);
    if (done.state !== "succeeded") break;
    work = { kind: "left-by", handle: stage.handle };
  }
  // Whoever asked for a stop since is heard before the user's code is started.
  const now = (await context.store.jobs.get(job.id)) ?? job;
  const { state, cause, by } = jobStateOf(stagesOf(now, [...walked, ...stages.slice(walked.length)]));
  if (!isTerminal(state) || cause === null)
    return { job: { ...now, handle: job.handle }, work, leftMs: leftMs(), wasMissing };
  walk.recovered();
  await endJob(context, now, { state, cause, ...aboutStage(by, by.state), signal: walk.signal });
  return null;
}

function withHandle(stage: Stage): Stage & { handle: string } {
  const { handle } = stage;
  if (handle === null) throw new Error(`Stage "${stage.id}" was stored without a handle`);
  return { ...stage, handle };
}
