import { BerthError, operations, type OutputStream } from "@berth/protocol";
import type { Job } from "../../core/job/job.ts";
import { findStage, hasEnded } from "../../core/stages/find-stage.ts";
import { outputIdOf } from "../../core/stages/output-of-stage.ts";
import type { Stage } from "../../core/stages/stage.ts";
import { stagesOf } from "../../core/stages/stages-of-job.ts";
import type { LogChunk } from "../../logs/log-store.ts";
import type { Context } from "../context.ts";
import { endStored, stageEndStored } from "./end-stored.ts";
import { findJob, type JobRequest } from "./find-job.ts";

/**
 * A job's output from an offset; with `follow` until the job has ended and its end is stored. A job that has not started
 * yet has none so far: a follower waits for its start. With `stage` the same of that stage. Throws OFFSET_OUT_OF_RANGE,
 * STAGE_NOT_FOUND before the first chunk.
 */
export async function readOutput(
  context: Context,
  request: JobRequest & {
    stream: OutputStream;
    offset: number;
    follow: boolean;
    stage?: string | undefined;
    signal: AbortSignal;
  },
): Promise<AsyncIterable<LogChunk>> {
  const job = await findJob(context, request, operations.readOutput.permission);
  const { stream, offset, follow, signal } = request;
  const of = request.stage === undefined ? job : await stageOf(context, { job, text: request.stage });
  const outputId = "jobId" in of ? outputIdOf(of) : job.id;
  const isOver = hasEnded(of);
  const sizes = await context.logs.sizes(outputId);
  const size = stream === "all" ? sizes.stdout + sizes.stderr : sizes[stream];
  if (offset > size && (isOver || !follow)) {
    throw new BerthError(
      "OFFSET_OUT_OF_RANGE",
      `Cannot read output of job "${job.id}" from ${offset}: it has ${size} bytes`,
    );
  }
  const follows = follow && !isOver;
  const masks = await context.jobSecrets.masks(job);
  const chunks = context.logs.read(outputId, { stream, offset, follow: follows, signal, masks });
  if (!follows) return chunks;
  const stored = outputId === job.id ? endStored : stageEndStored;
  return untilStored(chunks, () => stored(context, { id: of.id, signal }));
}

/** The output is complete a moment before the end is stored, and a reader takes the end of the one for the other. */
async function* untilStored(
  chunks: AsyncIterable<LogChunk>,
  endStored: () => Promise<void>,
): AsyncGenerator<LogChunk, void, void> {
  yield* chunks;
  await endStored();
}

async function stageOf(context: Context, { job, text }: { job: Job; text: string }): Promise<Stage> {
  const before = job.stagesBefore === 0 ? [] : await context.store.stages.list(job.id);
  const stage = findStage(stagesOf(job, before), text);
  if (stage) return stage;
  throw new BerthError("STAGE_NOT_FOUND", `Cannot find stage "${text}" of job "${job.id}"`);
}
