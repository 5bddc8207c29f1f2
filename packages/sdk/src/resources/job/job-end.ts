import type { Job } from "@berth/protocol";
import { BerthError, isBerthError } from "@berth/protocol/errors";
import { outcomeCode, outcomeCodes } from "@berth/protocol/outcome";
import { isTerminal } from "@berth/protocol/states";
import { pause } from "../../transport/retry.ts";
import type { JobWire } from "./job-wire.ts";

/** How a job is waited for. */
export interface WaitOptions {
  /** Resolve however it ended, also where it did not succeed: look at `state` then. Default false: throws JobFailed. */
  mayFail?: boolean | undefined;
  /** Put the first 64 KiB of each stream into the job, as `stdout` and `stderr`. Default false. */
  includeOutput?: boolean | undefined;
  signal?: AbortSignal | undefined;
}

/** One question to the server lasts this long: proxies drop silent connections after about a minute. */
export const LONGEST_WAIT_MS = 50_000;
/** A server that answers a wait at once with a job that runs on is not asked more often than this. */
const QUICK_MS = 1_000;

/**
 * A job ended and did not succeed: `code` is JOB_FAILED, `job` the job as it is at its end, `exitCode` how it came out
 * as a shell would tell it, never 0.
 */
export class JobFailed extends BerthError {
  readonly job: Job;
  readonly exitCode: number;

  constructor(job: Job) {
    const why = job.cause === null ? "" : `: ${job.cause.message}`;
    super("JOB_FAILED", `Job "${job.id}" ${STATE_WORDS[job.state] ?? "did not succeed"}${why}`);
    this.job = job;
    this.exitCode = outcomeCode(job) ?? outcomeCodes.endedByBerth;
  }
}

const STATE_WORDS: Readonly<Record<string, string>> = {
  failed: "failed",
  canceled: "was canceled",
  lost: "is lost",
};

/** Tells a JobFailed by its shape, so that it works across copies of this package. */
export function isJobFailed(error: unknown): error is JobFailed {
  return isBerthError(error) && error.code === "JOB_FAILED" && "job" in error;
}

/** The job, unless it has ended without success and that was not expected. */
export function succeeded(job: Job, { mayFail = false }: WaitOptions): Job {
  if (mayFail || job.state === "succeeded" || !isTerminal(job.state)) return job;
  throw new JobFailed(job);
}

/** Waits for the end of a job, at most until `deadline` (as `performance.now`); answers with the job as it is then. */
export async function waitForEnd(
  owner: { wire: JobWire; id: string },
  options: WaitOptions & { deadline: number },
): Promise<Job> {
  const { wire, id } = owner;
  for (;;) {
    const askedAt = performance.now();
    const waitMs = Math.round(Math.min(Math.max(options.deadline - askedAt, 0), LONGEST_WAIT_MS));
    const job = await wire.get(id, {
      waitMs,
      includeOutput: options.includeOutput === true,
      patienceMs: wire.patience.followMs,
      signal: options.signal,
    });
    if (isTerminal(job.state) || performance.now() >= options.deadline) return job;
    const early = Math.min(waitMs, QUICK_MS) - (performance.now() - askedAt);
    if (early > 0) await pause(early, options.signal);
  }
}
