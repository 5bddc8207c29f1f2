import type { Job } from "@berth/protocol";
import { routes } from "@berth/protocol/routes";
import { isTerminal } from "@berth/protocol/states";
import type { Http } from "../transport/http.ts";
import { pause } from "../transport/retry.ts";
import { asJob } from "./answers.ts";

/** How a job is waited for. */
export interface WaitOptions {
  /** Put the first 64 KiB of each stream into the job, as `stdout` and `stderr`. Default false. */
  includeOutput?: boolean | undefined;
  signal?: AbortSignal | undefined;
}

/** One question to the server lasts this long: proxies drop silent connections after about a minute. */
export const LONGEST_WAIT_MS = 50_000;
/** Added to a wait before this client takes the connection for dead. */
const GRACE_MS = 15_000;
/** A server that answers a wait at once with a job that runs on is not asked more often than this. */
const QUICK_MS = 1_000;

/** Waits for the end of a job, at most until `deadline` (as `performance.now`); answers with the job as it is then. */
export async function waitForEnd(
  owner: { http: Http; id: string },
  options: WaitOptions & { deadline: number },
): Promise<Job> {
  const { http, id } = owner;
  for (;;) {
    const askedAt = performance.now();
    const waitMs = Math.round(Math.min(Math.max(options.deadline - askedAt, 0), LONGEST_WAIT_MS));
    const answer = await http.json({
      route: routes.getJob,
      id,
      query: { wait: `${waitMs}ms`, include: options.includeOutput === true ? "output" : undefined },
      signal: options.signal,
      timeoutMs: waitMs + GRACE_MS,
      patienceMs: http.patience.followMs,
    });
    const job = asJob(answer, http.url);
    if (isTerminal(job.state) || performance.now() >= options.deadline) return job;
    const early = Math.min(waitMs, QUICK_MS) - (performance.now() - askedAt);
    if (early > 0) await pause(early, options.signal);
  }
}
