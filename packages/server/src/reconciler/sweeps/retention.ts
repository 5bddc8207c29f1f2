import { isTerminal } from "@berth/protocol";
import type { Job } from "../../core/job.ts";
import type { ReconcilerContext } from "../context.ts";
import { forgetJob } from "./forget-job.ts";

const batch = 100;

/** Forgets finished jobs past their age, oldest first, then the oldest while output and artifacts hold more than they may. */
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

/** From the list beside them, so without a look at the files. A list that cannot be read must not keep everything else. */
async function artifactBytes({ artifacts, report }: ReconcilerContext, job: Job): Promise<number> {
  if (job.spec.collect === undefined || !isTerminal(job.state)) return 0;
  try {
    const { items } = await artifacts.list(job.id);
    return items.reduce((sum, { size }) => sum + size, 0);
  } catch (error) {
    report.fault(`Cannot count the artifacts of job "${job.id}"`, error);
    return 0;
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
    const job = await context.store.jobs.get(jobId);
    if (!job) await context.logs.delete(jobId);
    else {
      const kept = bytes + (await artifactBytes(context, job));
      bytesOf.set(jobId, kept);
      total += kept;
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
