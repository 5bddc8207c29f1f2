import { isTerminal } from "@berth/protocol";
import type { Job } from "../../core/job/job.ts";
import type { Context } from "../context.ts";
import { findJob, type JobRequest } from "./find-job.ts";
import { withPresent } from "./get-job.ts";

/** The job at its end, or as it is when the time is over or the caller has gone. Nothing is polled. */
export async function waitForEnd(
  context: Context,
  request: JobRequest & { timeoutMs: number; signal: AbortSignal },
): Promise<Job> {
  const job = await findJob(context, request);
  if (isTerminal(job.state) || request.signal.aborted) return withPresent(context, job);
  const { promise: over, resolve } = Promise.withResolvers<void>();
  const look = async (): Promise<void> => {
    const now = await context.store.jobs.state(request.id);
    if (now === null || isTerminal(now)) resolve();
  };
  const unsubscribe = context.store.subscribe(request.id, () => void look().catch(() => resolve()));
  const timer = setTimeout(resolve, request.timeoutMs);
  const leave = (): void => resolve();
  request.signal.addEventListener("abort", leave, { once: true });
  try {
    // The job may have ended between the first look and the subscription.
    await look();
    await over;
  } finally {
    unsubscribe();
    clearTimeout(timer);
    request.signal.removeEventListener("abort", leave);
  }
  return withPresent(context, await findJob(context, request));
}
