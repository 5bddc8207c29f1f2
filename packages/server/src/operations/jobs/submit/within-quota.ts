import { BerthError } from "@berth/protocol";
import { HOUR_MS } from "../../../core/queue/quota.ts";
import type { Job } from "../../../core/job/job.ts";
import type { NewJob } from "../../../store/store.ts";
import type { Context } from "../../context.ts";

export interface Submitted {
  job: Job;
  replayed: boolean;
}

/**
 * Submits a job of an owner with a quota by the hour, counted from before it is stored: it is given back where no job came of
 * it. What was submitted before under its key is answered, and not counted, whatever has come since; requests with one key go
 * one after the other, so that the store knows what came of those before. Throws QUOTA_EXCEEDED, IDEMPOTENCY_CONFLICT.
 */
export async function submitWithinQuota(
  context: Context,
  { owner, idempotency }: { owner: string; idempotency: NewJob["idempotency"] },
  submit: () => Promise<Submitted>,
): Promise<Submitted> {
  if (idempotency === null) return await submitCounted(context, owner, submit);
  return await context.quotas.oneByOne.run(JSON.stringify([owner, idempotency.key]), async () => {
    const earlier = await context.store.jobs.earlier(owner, idempotency);
    if (earlier === null) return await submitCounted(context, owner, submit);
    if (earlier.kind === "conflict") throw keyConflict(idempotency.key);
    return { job: earlier.job, replayed: true };
  });
}

export function keyConflict(key: string): BerthError {
  return new BerthError(
    "IDEMPOTENCY_CONFLICT",
    `Cannot submit job: the key "${key}" was used for another request`,
  );
}

async function submitCounted(
  context: Context,
  owner: string,
  submit: () => Promise<Submitted>,
): Promise<Submitted> {
  const at = await demandQuota(context, owner);
  let isNew = false;
  try {
    const submitted = await submit();
    isNew = !submitted.replayed;
    return submitted;
  } finally {
    if (!isNew) context.quotas.goes(owner, at);
  }
}

/** Counts a job among those of its owner's last hour. Answers as of when. */
async function demandQuota({ quotas, store, now }: Context, owner: string): Promise<number> {
  if (quotas.wantsHistory(owner)) {
    const most = quotas.of(owner)?.jobsPerHour ?? 0;
    quotas.cameBefore(owner, await store.jobs.lastCame(owner, { since: now() - HOUR_MS, most }));
  }
  const at = now();
  const refused = quotas.comes(owner, at);
  if (refused === null) return at;
  const { limit, againAt } = refused;
  throw new BerthError(
    "QUOTA_EXCEEDED",
    `Cannot submit job: "${owner}" may submit ${limit} jobs an hour, and has; the next one after ${new Date(againAt).toISOString()}`,
  );
}
