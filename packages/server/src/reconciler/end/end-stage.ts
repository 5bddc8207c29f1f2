import { type End, endOf } from "../../core/job/end.ts";
import type { Job } from "../../core/job/job.ts";
import { isInfrastructure } from "../../core/stages/kinds.ts";
import { outputIdOf } from "../../core/stages/output-of-stage.ts";
import type { Stage, StageChange } from "../../core/stages/stage.ts";
import { stopCause } from "../../core/cause/stop-cause.ts";
import { crashPoint } from "../../lib/crash-point.ts";
import { retry } from "../../lib/retry.ts";
import type { ReconcilerContext } from "../context.ts";
import { closeOutput } from "./close-output.ts";
import type { SupervisedStage } from "../supervision/supervise-stage.ts";
import type { Launcher } from "../walk/launches/launcher.ts";

type Ended = { job: Job; stage: Stage; walk: { signal: AbortSignal } } & (
  | SupervisedStage
  /** It was not begun. */
  | { end: End }
);

/** How much of what a stage wrote last may explain its end. */
const saidBytes = 1000;

/** Writes how a stage before the user's has ended. A database that cannot be written is tried again for as long as the server lives. */
export async function endStage(context: ReconcilerContext, ended: Ended): Promise<Stage> {
  const { store, clock } = context;
  const { stage, walk } = ended;
  const { state, cause } = await endOfStage(context, ended);
  await launcherOf(context, stage)?.over?.(stage);
  const at = "exit" in ended ? (ended.exit.endedAt ?? clock.now()) : clock.now();
  const endedAt = Math.max(at, stage.startedAt ?? at);
  const seen = "exit" in ended ? whatWasSeen(stage, { ...ended, endedAt }) : {};
  const change = { ...seen, at: endedAt, endedAt, cause };
  const recorded = await retry(() => store.stages.transition(stage, state, change), {
    signal: walk.signal,
    attempts: Number.POSITIVE_INFINITY,
    clock,
  });
  if (!recorded) throw new Error(`Cannot end stage "${stage.id}": it is not where its walk left it`);
  crashPoint(`stage-${stage.position}-recorded`);
  if (!("exit" in ended)) await closeOutput(context, outputIdOf(stage));
  return recorded;
}

function whatWasSeen(
  { startedAt, isolation }: Stage,
  { exit, outputBytes, endedAt }: SupervisedStage & { endedAt: number },
): StageChange {
  return {
    exitCode: exit.code,
    signal: exit.signal,
    isolation,
    usage: {
      cpuMs: exit.usage.cpuMs,
      wallMs: Math.max(endedAt - (startedAt ?? endedAt), 0),
      peakMemoryBytes: exit.usage.peakMemoryBytes,
      outputBytes: outputBytes.stdout + outputBytes.stderr,
    },
  };
}

/** The cause of a stage that did not succeed becomes the job's: it says which stage that was. */
async function endOfStage(context: ReconcilerContext, ended: Ended): Promise<End> {
  const { stage } = ended;
  const end = await judged(context, {
    ...ended,
    end: "exit" in ended ? endOf(ended.exit, ended.stop) : ended.end,
  });
  if (end.state === "succeeded") return end;
  // The user's code has not run: whatever became of the stage, what became of that is known.
  const known: End =
    end.state === "lost" ? { state: "failed", cause: stopCause.engineFailed(end.cause.message) } : end;
  const { state, cause } = await explained(context, { ...ended, end: known });
  return { state, cause: { ...cause, evidence: { ...cause.evidence, stage: stage.kind } } };
}

/** What a stage has brought about is taken before it is recorded as succeeded. */
async function judged(
  context: ReconcilerContext,
  { job, stage, walk, end }: Ended & { end: End },
): Promise<End> {
  const { logs, clock, engines } = context;
  const engine = engines.get(job.engine);
  const { handle } = stage;
  const keepTree =
    engine?.capabilities.overlays === true && handle !== null
      ? (into: string): Promise<number> => engine.keepTree(handle, into)
      : null;
  const launcher = launcherOf(context, stage);
  if (end.state !== "succeeded" || launcher?.succeeded === undefined) return end;
  const take = async (): Promise<End> => {
    const said = await logs.tail(outputIdOf(stage), "stdout", saidBytes);
    return (await launcher.succeeded?.(job, new TextDecoder().decode(said), { stage, keepTree })) ?? end;
  };
  return await retry(take, { signal: walk.signal, attempts: Number.POSITIVE_INFINITY, clock });
}

function launcherOf({ launchers }: ReconcilerContext, { kind }: Stage): Launcher | undefined {
  return isInfrastructure(kind) ? launchers?.[kind] : undefined;
}

/** Ends by the stage's own doing are explained by its kind: a number that a program of ours exited with tells nobody anything. */
async function explained(
  context: ReconcilerContext,
  { job, stage, end }: { job: Job; stage: Stage; end: End },
): Promise<End> {
  const { logs, report } = context;
  const { code, message } = end.cause;
  if (code !== "exit" && code !== "signal") return end;
  const launcher = launcherOf(context, stage);
  if (!launcher?.explain)
    return { ...end, cause: { ...end.cause, message: `Stage "${stage.kind}": ${message}` } };
  try {
    const said = await logs.tail(outputIdOf(stage), "stderr", saidBytes);
    return launcher.explain(end, new TextDecoder().decode(said), { job, stage });
  } catch (error) {
    report.fault(`Cannot read the output of stage "${stage.id}"`, error);
    return launcher.explain(end, "", { job, stage });
  }
}
