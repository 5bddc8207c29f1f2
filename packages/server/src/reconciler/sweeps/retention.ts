import { setImmediate as nextTurn } from "node:timers/promises";
import type { ReconcilerContext } from "../context.ts";
import { Accounts } from "./accounts.ts";
import { forgetJob } from "./forget-job.ts";
import { measureHeld } from "./measure-held.ts";

const batch = 100;

type Finished = Awaited<ReturnType<ReconcilerContext["store"]["jobs"]["finished"]>>[number];

/**
 * Forgets finished jobs past their age, oldest first; then, while all together hold more than they may, the oldest of
 * whoever holds most: what one owner leaves never pushes out what another left within an equal share.
 */
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
    for (const job of old) await forget(context, job);
    if (old.length < batch) return;
  }
}

async function forgetLargerThan(
  context: ReconcilerContext,
  { keepBytes, signal }: { keepBytes: number; signal: AbortSignal },
): Promise<void> {
  const accounts = await accountsOf(context, signal);
  for (;;) {
    const next = accounts.total > keepBytes && !signal.aborted ? accounts.takeNext(keepBytes) : null;
    if (next === null) return;
    await forget(context, next);
  }
}

/** What each owner holds: records, output and artifacts. Removes what belongs to no job on the way. */
async function accountsOf(context: ReconcilerContext, signal: AbortSignal): Promise<Accounts<Finished>> {
  const { store } = context;
  const held = await measureHeld(context, signal);
  const accounts = new Accounts<Finished>();
  let after: Finished | null = null;
  for (;;) {
    const finished: Finished[] = await store.jobs.finished({
      endedBefore: Number.MAX_SAFE_INTEGER,
      limit: batch,
      after,
    });
    for (const job of finished) {
      accounts.addFinished(job, { owner: job.owner, bytes: job.recordBytes + (held.get(job.id) ?? 0) });
      held.delete(job.id);
    }
    after = finished.at(-1) ?? null;
    if (finished.length < batch || signal.aborted) break;
    // A read is done at once: without a turn for others between two of them a long history would hold up everybody.
    await nextTurn();
  }
  for (const [jobId, bytes] of held) {
    if (signal.aborted) break;
    await nextTurn();
    const job = await store.jobs.get(jobId);
    if (job) accounts.addRunning({ owner: job.owner, bytes });
    else await forgetOrphan(context, jobId);
  }
  return accounts;
}

/** Left by a crash between row and files. A job's row comes before its files, so without a row it can be no new one. */
async function forgetOrphan({ logs, artifacts, report }: ReconcilerContext, jobId: string): Promise<void> {
  for (const store of [logs, artifacts]) {
    await store
      .delete(jobId)
      .catch((error: unknown) => report.fault(`Cannot remove what is left of job "${jobId}"`, error));
  }
}

/** What cannot be removed now must not keep everything else: without its row it is found again, and tried again. */
async function forget(context: ReconcilerContext, job: Finished): Promise<void> {
  const { id, owner } = job;
  const audit = context.audit.ofServer({ verb: "delete", resource: "jobs", name: id, about: { owner } });
  await forgetJob(context, job, audit).catch((error: unknown) =>
    context.report.fault(`Cannot remove all of job "${job.id}"`, error),
  );
}
