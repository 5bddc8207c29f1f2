import type { Readable } from "node:stream";
import { type Artifact, BerthError, operations } from "@berth/protocol";
import type { Context } from "../context.ts";
import { findJob, type JobRequest } from "../jobs/find-job.ts";

/** One artifact's bytes. ARTIFACT_NOT_FOUND when no artifact of that path was kept. */
export async function openArtifact(
  context: Context,
  request: JobRequest & { path: string },
): Promise<{ artifact: Artifact; stream: Readable }> {
  const job = await findJob(context, request, operations.readArtifact.permission);
  const opened = await context.artifacts.open(job.id, request.path);
  if (!opened)
    throw new BerthError("ARTIFACT_NOT_FOUND", `Cannot find artifact "${request.path}" of job "${job.id}"`);
  return opened;
}
