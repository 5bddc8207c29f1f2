import { BerthError, isTerminal, type OutputStream } from "@berth/protocol";
import type { LogChunk } from "../../logs/log-store.ts";
import type { Context } from "../context.ts";
import { findJob, type JobRequest } from "./find-job.ts";

/**
 * A job's output from an offset; with `follow` until the job has ended. A job that has not started yet has none so far:
 * a follower waits for its start. Throws OFFSET_OUT_OF_RANGE before the first chunk.
 */
export async function readOutput(
  context: Context,
  request: JobRequest & { stream: OutputStream; offset: number; follow: boolean; signal: AbortSignal },
): Promise<AsyncIterable<LogChunk>> {
  const job = await findJob(context, request);
  const { stream, offset, follow, signal } = request;
  const sizes = await context.logs.sizes(job.id);
  const size = stream === "all" ? sizes.stdout + sizes.stderr : sizes[stream];
  if (offset > size && (isTerminal(job.state) || !follow)) {
    throw new BerthError(
      "OFFSET_OUT_OF_RANGE",
      `Cannot read output of job "${job.id}" from ${offset}: it has ${size} bytes`,
    );
  }
  return context.logs.read(job.id, { stream, offset, follow: follow && !isTerminal(job.state), signal });
}
