import { type ArtifactList, operations } from "@berth/protocol";
import type { Context } from "../context.ts";
import { findJob, type JobRequest } from "../jobs/find-job.ts";

/** What a job left; empty until it has ended. */
export async function listArtifacts(context: Context, request: JobRequest): Promise<ArtifactList> {
  const job = await findJob(context, request, operations.listArtifacts.permission);
  return context.artifacts.list(job.id);
}
