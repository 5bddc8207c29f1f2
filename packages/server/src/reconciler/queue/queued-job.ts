import { deliveriesOf } from "../../core/job/delivery/deliveries-of.ts";
import type { Job } from "../../core/job/job.ts";
import { stopCause } from "../../core/cause/stop-cause.ts";
import { msBetween } from "../../lib/time/boot-moment.ts";
import { retry } from "../../lib/retry.ts";
import type { ReconcilerContext } from "../context.ts";
import { closeOutput, closeSkipped } from "../end/close-output.ts";
import { recordOfEnd } from "../end/end-job.ts";

/** Ends a job that waits too long. Returns the way to cancel; jobs without a queue timeout have no timer. */
export async function queueTimer(
  context: ReconcilerContext,
  jobId: string,
  left: () => void,
): Promise<() => void> {
  const job = await context.store.jobs.get(jobId);
  const limit = job?.limits.queueMs;
  if (job?.state !== "queued" || !limit) return () => undefined;
  const { clock } = context;
  const over = new AbortController();
  const end = { state: "failed", cause: stopCause.queueTimeout(limit) } as const;
  const waited =
    msBetween(job.submittedSinceBoot, clock.sinceBoot()) ?? Math.max(0, clock.now() - job.createdAt);
  const cancel = clock.setTimer(clock.now() + limit.value - waited, () => {
    const attempt = async (): Promise<void> => {
      if (await endQueued(context, job, end)) left();
    };
    // Nobody else would end it: a disk that fails is tried again for as long as it waits.
    const patience = { signal: over.signal, attempts: Number.POSITIVE_INFINITY, clock };
    void retry(attempt, patience).catch(() => undefined);
  });
  return () => {
    cancel();
    over.abort();
  };
}

/** Ends a queued job that somebody asked to stop. null when it was not queued, or nobody asked. */
export async function cancelQueued(context: ReconcilerContext, jobId: string): Promise<Job | null> {
  const job = await context.store.jobs.get(jobId);
  if (job?.state !== "queued" || !job.stop) return null;
  // What fails was reported; whoever asks again has it tried again.
  return endQueued(context, job, { state: "canceled", cause: job.stop.cause }).catch(() => null);
}

async function endQueued(
  context: ReconcilerContext,
  job: Job,
  end: { state: "failed" | "canceled"; cause: NonNullable<Job["cause"]> },
): Promise<Job | null> {
  const { store, clock, report } = context;
  const { id: jobId, owner } = job;
  const at = clock.now();
  const deliveries = deliveriesOf(job, { state: end.state, at });
  const audit = context.audit.ofServer(recordOfEnd({ id: jobId, owner }, end));
  const change = { from: "queued", at, endedAt: at, cause: end.cause, deliveries, audit } as const;
  let ended: Job | null;
  try {
    ended = await store.jobs.transition(jobId, end.state, change);
  } catch (error) {
    report.fault(`Cannot end queued job "${jobId}"`, error);
    throw error;
  }
  if (ended === null) return null;
  if (deliveries.length > 0) context.deliveriesDue?.();
  await cleanUp(context, ended);
  report.jobEnded(ended);
  return ended;
}

/** It has ended whatever fails here: whoever waits for its place in line must hear of that. */
async function cleanUp(context: ReconcilerContext, job: Job): Promise<void> {
  const steps = [
    () => closeOutput(context, job.id),
    () => closeSkipped(context, job),
    () => context.store.jobs.dropInputs(job.id),
  ];
  for (const step of steps) {
    try {
      await step();
    } catch (error) {
      context.report.fault(`Cannot clean up after queued job "${job.id}"`, error);
    }
  }
}
