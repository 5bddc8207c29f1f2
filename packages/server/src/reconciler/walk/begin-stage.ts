import { type End, endOfStop } from "../../core/job/end.ts";
import { isInfrastructure, stageKinds } from "../../core/stages/kinds.ts";
import { outputIdOf } from "../../core/stages/output-of-stage.ts";
import type { Stage } from "../../core/stages/stage.ts";
import { stopCause } from "../../core/cause/stop-cause.ts";
import { crashPoint } from "../../lib/crash-point.ts";
import type { ReconcilerContext } from "../context.ts";
import { prepareStage } from "./prepare/prepare.ts";
import { startWorkload } from "./start-workload.ts";
import type { StageWalk } from "./walk.ts";
import { whyNotStarted } from "./why-not-started.ts";

type Begun =
  | { kind: "begun"; stage: Stage & { handle: string } }
  /** Nothing of it runs: it ends so. */
  | { kind: "not-begun"; end: End };

/**
 * Starts a stage, for the first time or once more. State first: that it runs is stored before. What an attempt before
 * has left is thrown away, its folder and its output too.
 */
export async function beginStage(context: ReconcilerContext, todo: StageWalk): Promise<Begun> {
  const { job, stage } = todo;
  const { store, clock } = context;
  const now = await store.jobs.get(job.id);
  if (now?.stop) return { kind: "not-begun", end: endOfStop(now.stop) };
  if (isInfrastructure(stage.kind) && stage.attempt >= stageKinds[stage.kind].attempts) {
    const reason = `stage "${stage.kind}" was begun ${stage.attempt} times, and none came to an end that is known`;
    return { kind: "not-begun", end: { state: "failed", cause: stopCause.engineFailed(reason) } };
  }
  const at = clock.now();
  const startedAt = stage.startedAt ?? at;
  const attempt = stage.attempt + 1;
  const running = await store.stages.transition(stage, "running", { at, startedAt, attempt });
  if (!running) throw new Error(`Cannot begin stage "${stage.id}": it is not where its walk left it`);
  crashPoint(`stage-${stage.position}-stored`);
  const begun = { ...running, handle: stage.handle };
  return await start(context, { ...todo, stage: begun });
}

async function start(context: ReconcilerContext, todo: StageWalk): Promise<Begun> {
  const { job, stage, work, leftMs, engine, walk } = todo;
  const launcher = isInfrastructure(stage.kind) ? context.launchers?.[stage.kind] : undefined;
  if (!launcher) {
    const cause = stopCause.engineFailed(`this server has nothing to run stage "${stage.kind}" with`);
    return { kind: "not-begun", end: { state: "failed", cause } };
  }
  if (stage.attempt > 1) {
    await engine.destroy(stage.handle);
    await context.logs.delete(outputIdOf(stage));
  }
  try {
    const { isolation } = await startWorkload(context, {
      engine,
      prepare: async (signal) => {
        const about = { canKeep: engine.capabilities.overlays, signal };
        return prepareStage(context, { job, stage, work, launch: await launcher.launch(job, stage, about) });
      },
      leftMs: leftMs(),
      walk,
    });
    crashPoint(`stage-${stage.position}-started`);
    return { kind: "begun", stage: { ...stage, isolation } };
  } catch (error) {
    if (walk.signal.aborted) throw error;
    return { kind: "not-begun", end: whyNotStarted(context, error, { job }) };
  }
}
