import { BerthError, formatSize } from "@berth/protocol";
import { HOUR_MS } from "../../../core/queue/hourly.ts";
import { beyond } from "../../../core/queue/running-use.ts";
import { needsOf, sentenceName, type StoredQuota, type Subject } from "../../../core/queue/subject.ts";
import type { Job } from "../../../core/job/job.ts";
import type { NewJob } from "../../../store/store.ts";
import type { Context } from "../../context.ts";
import { namesOf, storedQuotaExceeded, storedRoom } from "../../quotas/stored-room.ts";

export interface Submitted {
  job: Job;
  replayed: boolean;
}

/**
 * Submits a job of an owner with quotas, of its own or of its groups, each of which must hold. By the hour it is counted from
 * before it is stored, and given back where no job came of it. What was submitted before under its key is answered, and not
 * counted, whatever has come since; requests with one key go one after the other, so that the store knows what came of those
 * before. Throws QUOTA_EXCEEDED, IDEMPOTENCY_CONFLICT.
 */
export async function submitWithinQuota(
  context: Context,
  { job, idempotency }: { job: Job; idempotency: NewJob["idempotency"] },
  submit: () => Promise<Submitted>,
): Promise<Submitted> {
  if (idempotency === null) return await submitCounted(context, job, submit);
  return await context.quotas.oneByOne.run(JSON.stringify([job.owner, idempotency.key]), async () => {
    const earlier = await context.store.jobs.earlier(job.owner, idempotency);
    if (earlier === null) return await submitCounted(context, job, submit);
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
  job: Job,
  submit: () => Promise<Submitted>,
): Promise<Submitted> {
  const { quotas } = context;
  for (const quota of quotas.applying(job.owner)) demandPossible(quota, job);
  const room = await storedRoom(context, job.owner);
  if (room !== null && room.used >= room.limit) throw storedQuotaExceeded("Cannot submit job", room);
  const { subjects, at } = await count(context, job.owner);
  let isNew = false;
  try {
    const submitted = await submit();
    isNew = !submitted.replayed;
    return submitted;
  } finally {
    if (!isNew) quotas.goes(subjects, at);
  }
}

/** It would wait for ever for more than there is. A bound of nothing at all keeps jobs waiting until it is raised. */
function demandPossible({ subject, ...bounds }: StoredQuota, { limits }: Job): void {
  const needs = needsOf(limits);
  const found = beyond(bounds, needs);
  if (found === null) return;
  const isCpu = found.what === "cpu";
  const asked = isCpu
    ? `${(needs.cpuMilli ?? 0) / 1000} cores`
    : `${formatSize(needs.memory ?? 0)} of memory`;
  const limit = isCpu ? String(found.limit / 1000) : formatSize(found.limit);
  throw new BerthError(
    "QUOTA_EXCEEDED",
    `Cannot submit job: it asks for ${asked}, and ${sentenceName(subject)} may use ${limit} at once`,
    { fix: `Ask for less as its \`${found.what}\`, or ask an administrator for more: \`berth quota list\`` },
  );
}

/** Counts a job among those of the last hour, of its owner and of each group that is counted. Answers as of when. */
async function count(context: Context, owner: string): Promise<{ subjects: readonly Subject[]; at: number }> {
  const { quotas, now } = context;
  // One may be changed while another is read.
  for (let unread = nextUnread(context, owner); unread; unread = nextUnread(context, owner))
    await readHistory(context, unread);
  const at = now();
  const counted = quotas.comes(owner, at);
  if (!("againAt" in counted)) return { subjects: counted, at };
  const { subject, limit, againAt } = counted;
  throw new BerthError(
    "QUOTA_EXCEEDED",
    `Cannot submit job: ${sentenceName(subject)} may submit ${limit} jobs an hour, and has; the next one after ${new Date(againAt).toISOString()}`,
  );
}

function nextUnread({ quotas }: Context, owner: string): HourlyQuota | undefined {
  return quotas.hourly(owner).find(({ subject }) => quotas.wantsHistory(subject));
}

type HourlyQuota = Pick<StoredQuota, "subject"> & { jobsPerHour: number };

/** When the last jobs came of the last hour: of a group those of all who are in it now. */
export async function readHistory(
  { quotas, groups, store, now }: Pick<Context, "quotas" | "groups" | "store" | "now">,
  { subject, jobsPerHour: most }: HourlyQuota,
): Promise<void> {
  const since = now() - HOUR_MS;
  const times: number[] = [];
  for (const name of namesOf(groups, subject))
    times.push(...(await store.jobs.lastCame(name, { since, most })));
  const latest = times.toSorted((a, b) => b - a).slice(0, most);
  quotas.cameBefore(subject, latest);
}
