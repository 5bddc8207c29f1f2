import type { ReconcilerContext } from "../context.ts";
import { forgetJob } from "./forget-job.ts";

const batch = 100;

/** Forgets finished jobs past their age, oldest first, then the oldest while output holds more than it may. */
export async function sweepRetention(context: ReconcilerContext, signal: AbortSignal): Promise<void> {
  await forgetOlderThan(context, { endedBefore: context.clock.now() - context.settings.keepJobsMs, signal });
  await forgetLargerThan(context, { keepBytes: context.settings.keepOutputBytes, signal });
}

async function forgetOlderThan(
  context: ReconcilerContext,
  { endedBefore, signal }: { endedBefore: number; signal: AbortSignal },
): Promise<void> {
  while (!signal.aborted) {
    const old = await context.store.jobs.finished({ endedBefore, limit: batch });
    for (const job of old) await forgetJob(context, job);
    if (old.length < batch) return;
  }
}

/** Walks the output folders: also finds those of no job, left by a crash between row and files. */
async function forgetLargerThan(
  context: ReconcilerContext,
  { keepBytes, signal }: { keepBytes: number; signal: AbortSignal },
): Promise<void> {
  const bytesOf = new Map<string, number>();
  let total = 0;
  for await (const { jobId, bytes } of context.logs.list()) {
    if (signal.aborted) return;
    if (!(await context.store.jobs.get(jobId))) await context.logs.delete(jobId);
    else {
      bytesOf.set(jobId, bytes);
      total += bytes;
    }
  }
  while (total > keepBytes && !signal.aborted) {
    const oldest = await context.store.jobs.finished({ endedBefore: Number.MAX_SAFE_INTEGER, limit: batch });
    if (oldest.length === 0) return;
    for (const job of oldest) {
      if (total <= keepBytes) return;
      if (await forgetJob(context, job)) total -= bytesOf.get(job.id) ?? 0;
    }
  }
}
