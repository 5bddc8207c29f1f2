import type { TaskSpec } from "@berth/protocol";
import type { End } from "../../core/job/end.ts";
import type { Job } from "../../core/job/job.ts";
import type { Retry } from "../../core/task/retry/retries.ts";
import { isFault, retryAtEnd } from "../../core/task/retry/retry-at-end.ts";
import type { ReconcilerContext } from "../context.ts";

/** When a job that ends so is run again, by what the version of its task says that it ran; null where it is not. Reads nothing unless the host failed. */
export async function retryOfJob(
  { store }: Pick<ReconcilerContext, "store">,
  job: Job,
  how: { end: Pick<End, "cause">; endedAt: number; begun: boolean },
): Promise<(Retry & { at: number }) | null> {
  if (job.task === null || !isFault(job, how.end)) return null;
  const version = await store.definitions.version("task", job.task.name, job.task.version);
  if (version === null) return null;
  const { retry } = JSON.parse(version.spec) as TaskSpec;
  return retry === undefined ? null : retryAtEnd(job, how, retry);
}
