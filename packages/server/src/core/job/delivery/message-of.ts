import { viewJob } from "../job-view.ts";
import type { Job } from "../job.ts";

/**
 * What whoever is told of the end of a job is sent: nothing of what it was given, wrote or left. The same whenever it is sent, but for
 * what became by then of a run that was to be made again.
 */
export function messageOf(job: Job): string {
  const { id, name, owner, labels, task, retry, state, cause, exitCode, signal, ...rest } = viewJob(job);
  const { createdAt, startedAt, endedAt, usage, engine } = rest;
  const times = { createdAt, startedAt, endedAt };
  const how = { state, cause, exitCode, signal };
  const data = { id, name, owner, labels, task, retry, ...how, ...times, usage, engine };
  return JSON.stringify({ type: "job.ended", timestamp: endedAt ?? createdAt, data });
}
