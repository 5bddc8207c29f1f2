import { type Source, sourceOf } from "@berth/protocol";
import type { Job } from "../../../core/job/job.ts";
import { noNetwork } from "../../../core/network/profile.ts";
import { surroundingsOfStage } from "../../../core/stages/kinds.ts";
import { outputIdOf } from "../../../core/stages/output-of-stage.ts";
import type { Stage } from "../../../core/stages/stage.ts";
import { subdirOf } from "../../../core/task/job-of-task.ts";
import { sourceFailed } from "../../../core/task/source-reason.ts";
import { EngineError, type Launch, type WorkFolder } from "../../../engines/engine.ts";
import type { ReconcilerContext } from "../../context.ts";
import type { Storing } from "../storing.ts";
import { LaunchRefused, type StageLaunch } from "../launches/launcher.ts";
import { environment, environmentOfStage } from "./environment.ts";
import { inputFiles, inputs, standardInput } from "./inputs.ts";
import { type LaunchPart, mergeParts } from "./launch-part.ts";
import { networkOf } from "./network.ts";
import { output, outputOf, outputToCome } from "./output.ts";
import { secrets } from "./secrets.ts";

/** The steps of a plain command; in a folder that a stage before it has left, its input files lie already. */
const plainSteps = [inputs, environment, secrets, output];
const laterSteps = [standardInput, environment, secrets, output];
/** Of a job that is still being stored, and brings no input: its files come after its row. */
const stepsAhead = [environment, outputToCome];

/** Everything the engine needs to run the user's code. Safe to repeat after a crash. */
export async function prepare(
  context: ReconcilerContext,
  job: Job & { handle: string },
  { work, storing }: { work: WorkFolder; storing: Storing | null },
): Promise<Launch> {
  const lower = await treeFor(context, job, work);
  const isOwn = lower !== null || work.kind === "own";
  const steps = storing ? stepsAhead : isOwn ? plainSteps : laterSteps;
  const network = storing?.network ?? (await networkOf(context, job));
  const parts: LaunchPart[] = [surroundingsOfStage("command", network)];
  for (const step of steps) parts.push(await step.run(context, job));
  if (lower !== null) parts.push({ mounts: [{ kind: "overlay", at: "/work", lower }] });
  return {
    id: job.id,
    handle: job.handle,
    ...commandLineOf(sourceOf(job.spec.view)),
    workdir: job.spec.view.workdir ?? "/work",
    work: isOwn ? { kind: "own" } : work,
    limits: job.limits,
    turnOf: job.owner,
    ...mergeParts(parts),
  };
}

/**
 * The tree that the job finds as its folder, in the place of what the stage before it has left: so it finds the same, and has as its
 * own what it changes, whether it was the first to run there or not. null where it is to have that folder itself.
 */
async function treeFor(
  { sources, engines }: ReconcilerContext,
  job: Job,
  work: WorkFolder,
): Promise<string | null> {
  const { source } = job;
  if (source === null || source.commit === null) return null;
  const canLayOver = engines.get(job.engine)?.capabilities.overlays === true;
  const tree = canLayOver ? ((await sources?.treeOf(source)) ?? null) : null;
  const folder = subdirOf(job.spec.view);
  if (tree !== null && folder !== null && (await sources?.leadsOut(tree, folder)) === true)
    throw new LaunchRefused(sourceFailed("leads_out"));
  if (tree !== null || work.kind !== "own") return tree;
  throw new EngineError(
    `Cannot start job "${job.id}": the tree of its commit ${source.commit} is not kept any more`,
    {
      blame: "engine",
      retryable: false,
    },
  );
}

/** Everything the engine needs to run a stage before the user's. The first gets the job's input files. */
export async function prepareStage(
  context: ReconcilerContext,
  {
    job,
    stage,
    launch,
    work,
  }: { job: Job; stage: Stage & { handle: string }; launch: StageLaunch; work: WorkFolder },
): Promise<Launch> {
  const { command, args, env = {}, stdin, secrets: shown = null, openDoor } = launch;
  const parts: LaunchPart[] = [
    surroundingsOfStage(stage.kind, noNetwork),
    work.kind === "own" ? await inputFiles.run(context, job) : {},
    environmentOfStage(job),
    { env, ...(stdin !== null && { stdin }), ...(shown !== null && { secrets: shown }) },
    // What it says past the limit is dropped: the output limit that ends a job is that of the user's code.
    await outputOf(context, { outputId: outputIdOf(stage), limits: { ...job.limits, overflow: "discard" } }),
  ];
  return {
    id: stage.id,
    handle: stage.handle,
    command,
    args,
    workdir: "/work",
    work,
    openDoor,
    limits: job.limits,
    turnOf: job.owner,
    ...mergeParts(parts),
  };
}

/** What a source has the sandbox run. */
function commandLineOf(source: Source): Pick<Launch, "command" | "args"> {
  switch (source.kind) {
    case "command":
      return { command: source.command, args: source.args };
    default:
      return source.kind satisfies never;
  }
}
