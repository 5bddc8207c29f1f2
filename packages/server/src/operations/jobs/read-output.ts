import { BerthError, isTerminal, operations, type OutputStream } from "@berth/protocol";
import type { LogChunk } from "../../logs/log-store.ts";
import type { Context } from "../context.ts";
import { endStored } from "./end-stored.ts";
import { findJob, type JobRequest } from "./find-job.ts";

/**
 * A job's output from an offset; with `follow` until the job has ended and its end is stored. A job that has not started
 * yet has none so far: a follower waits for its start. Throws OFFSET_OUT_OF_RANGE before the first chunk.
 */
export async function readOutput(
  context: Context,
  request: JobRequest & { stream: OutputStream; offset: number; follow: boolean; signal: AbortSignal },
): Promise<AsyncIterable<LogChunk>> {
  const job = await findJob(context, request, operations.readOutput.permission);
  const { stream, offset, follow, signal } = request;
  const sizes = await context.logs.sizes(job.id);
  const size = stream === "all" ? sizes.stdout + sizes.stderr : sizes[stream];
  if (offset > size && (isTerminal(job.state) || !follow)) {
    throw new BerthError(
      "OFFSET_OUT_OF_RANGE",
      `Cannot read output of job "${job.id}" from ${offset}: it has ${size} bytes`,
    );
  }
  const follows = follow && !isTerminal(job.state);
  const chunks = context.logs.read(job.id, { stream, offset, follow: follows, signal });
  return follows ? untilStored(context, { chunks, id: job.id, signal }) : chunks;
}

/** The output is complete a moment before the end is stored, and a reader takes the end of the one for the other. */
async function* untilStored(
  context: Context,
  { chunks, id, signal }: { chunks: AsyncIterable<LogChunk>; id: string; signal: AbortSignal },
): AsyncGenerator<LogChunk, void, void> {
  yield* chunks;
  await endStored(context, { id, signal });
}
