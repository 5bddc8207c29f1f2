import { stageKinds, isInfrastructure } from "../../core/stages/kinds.ts";
import type { Stage } from "../../core/stages/stage.ts";
import type { Engine, Recovered } from "../../engines/engine.ts";
import { sleep } from "../../lib/clock.ts";
import { backoffMs } from "../../lib/retry.ts";
import type { ReconcilerContext } from "../context.ts";
import { endStage } from "../end/end-stage.ts";
import { type SupervisedStage, superviseStage } from "../supervision/supervise-stage.ts";
import { beginStage } from "./begin-stage.ts";
import type { StageWalk } from "./walk.ts";

/**
 * Brings a stage before the user's to its end, from wherever it is. It is infrastructure: where the host failed it, or
 * nobody can know how it ended, it is begun once more, with back-off, as often as its kind says.
 */
export async function walkStage(context: ReconcilerContext, todo: StageWalk): Promise<Stage> {
  const { engine, walk } = todo;
  const found =
    todo.stage.state === "running" && !needsServer(todo.stage)
      ? await recoverStage(todo.stage, engine)
      : null;
  walk.recovered();
  if (found) {
    const supervised = await superviseStage(context, { ...todo, ageMs: found.ageMs });
    if (!mayGoAgain(todo.stage, supervised)) return endStage(context, { ...todo, ...supervised });
  }
  for (let { stage } = todo; ; ) {
    const begun = await beginStage(context, { ...todo, stage });
    if (begun.kind === "not-begun") return endStage(context, { ...todo, stage, end: begun.end });
    stage = begun.stage;
    const supervised = await superviseStage(context, { ...todo, stage, ageMs: null });
    if (!mayGoAgain(stage, supervised)) return endStage(context, { ...todo, stage, ...supervised });
    await sleep(backoffMs(stage.attempt), { signal: walk.signal, clock: context.clock });
  }
}

/** null where it is to be begun again: of infrastructure nobody has to know how it ended. */
async function recoverStage(
  { handle }: { handle: string },
  engine: Engine,
): Promise<Extract<Recovered, { kind: "found" }> | null> {
  const recovered = await engine.recover(handle);
  return recovered.kind === "found" ? recovered : null;
}

/** Whatever became of it while no server was there says nothing of what it was to do. */
function needsServer({ kind }: Stage): boolean {
  return isInfrastructure(kind) && stageKinds[kind].needsServer;
}

function mayGoAgain({ kind, attempt }: Stage, { exit, stop }: SupervisedStage): boolean {
  const failedByHost = exit.verdict?.kind === "engine_failed" || exit.verdict?.kind === "lost";
  return failedByHost && stop === null && isInfrastructure(kind) && attempt < stageKinds[kind].attempts;
}
