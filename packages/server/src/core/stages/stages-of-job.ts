import { isTerminal } from "@berth/protocol";
import type { Job } from "../job/job.ts";
import type { Stage } from "./stage.ts";

/**
 * All stages of a job: those before the user's, and the user's own, whose facts are the job's. So nothing has to be
 * stored twice, and a job of one stage costs what it always has.
 */
export function stagesOf(job: Job, before: readonly Stage[]): Stage[] {
  return [...before.map((stage) => asOf(job, stage)), userStage(job, before)];
}

/** What the end of the job leaves undone is skipped; what runs while the job is being stopped is what is stopped. */
function asOf(job: Job, stage: Stage): Stage {
  if (isTerminal(job.state) && stage.state === "queued") return { ...stage, state: "skipped" };
  return job.state === "stopping" && stage.state === "running" ? { ...stage, state: "stopping" } : stage;
}

function userStage(job: Job, before: readonly Stage[]): Stage {
  const own = {
    id: job.id,
    jobId: job.id,
    position: before.length,
    kind: "command",
    handle: job.handle,
  } as const;
  if (before.some(({ state }) => state !== "succeeded")) {
    const state = isTerminal(job.state) ? "skipped" : "queued";
    const untouched = { cause: null, startedAt: null, endedAt: null, exitCode: null, signal: null };
    return { ...own, ...untouched, state, usage: nothingUsed, isolation: null, attempt: 0 };
  }
  const { state, cause, startedAt, endedAt, exitCode, signal, usage, isolation } = job;
  const attempt = startedAt === null ? 0 : 1;
  return { ...own, state, cause, startedAt, endedAt, exitCode, signal, usage, isolation, attempt };
}

export const nothingUsed: Stage["usage"] = {
  cpuMs: null,
  wallMs: null,
  peakMemoryBytes: null,
  outputBytes: 0,
};
