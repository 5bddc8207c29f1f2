import { BerthError } from "@berth/protocol";
import type { Job } from "../../../core/job/job.ts";
import type { Context } from "../../context.ts";

/**
 * Counts a job that is about to be stored among those of its owner's last hour. Throws QUOTA_EXCEEDED. Who has no such bound
 * is not counted, and costs nothing.
 */
export async function demandQuota(
  { quotas, store }: Context,
  { owner, createdAt }: Pick<Job, "owner" | "createdAt">,
): Promise<void> {
  const limit = quotas.of(owner)?.jobsPerHour ?? null;
  if (limit === null) return;
  if (quotas.wantsHistory(owner)) quotas.cameBefore(owner, await store.jobs.lastCame(owner, limit));
  const refused = quotas.comes(owner, createdAt);
  if (refused === null) return;
  const until = new Date(refused.againAt).toISOString();
  throw new BerthError(
    "QUOTA_EXCEEDED",
    `Cannot submit job: "${owner}" may submit ${limit} jobs an hour, and has; the next one after ${until}`,
  );
}
