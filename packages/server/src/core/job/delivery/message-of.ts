import { viewJob } from "../job-view.ts";
import type { Job } from "../job.ts";

/** What whoever is told of the end of a job is sent: nothing of what it was given, wrote or left. The same whenever it is sent. */
export function messageOf(job: Job): string {
  const { id, name, owner, labels, task, state, cause, exitCode, signal, ...rest } = viewJob(job);
  const { createdAt, startedAt, endedAt, usage, engine } = rest;
  const times = { createdAt, startedAt, endedAt };
  const data = { id, name, owner, labels, task, state, cause, exitCode, signal, ...times, usage, engine };
  return JSON.stringify({ type: "job.ended", timestamp: endedAt ?? createdAt, data });
}
