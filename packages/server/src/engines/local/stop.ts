import { readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import type { JobGroups } from "./groups/job-groups.ts";
import { shimGone, type Workload } from "./jobs/workload.ts";

export interface StopOptions {
  graceMs: number;
  groups: JobGroups;
  /** Inside the job, the process that TERM goes to. */
  mainPid: number;
}

/** A job is made in some 50 ms. */
const ASK_AGAIN_MS = 10;

/** TERM, patience, then KILL of the whole tree. Resolves when its shim is gone. */
export async function stopJob(job: Workload, options: StopOptions): Promise<{ forced: boolean }> {
  if (job.hurry) return await joinStop(job, options);
  using patience = new Patience();
  job.hurry = (graceMs) => patience.endsIn(graceMs);
  try {
    if (await isOver(job)) return { forced: false };
    const asking = (await terminate(job, options)) ? null : askOnceItIsThere(job, options);
    patience.endsIn(options.graceMs);
    const forced = await Promise.race([shimGone(job).then(() => false), patience.over]);
    await asking?.[Symbol.asyncDispose]();
    if (forced) kill(job, options.groups);
    await shimGone(job);
    return { forced };
  } finally {
    job.hurry = null;
  }
}

/** Over at the earliest of the moments that it was given. */
class Patience implements Disposable {
  readonly #over = Promise.withResolvers<true>();
  readonly #timers = new Set<NodeJS.Timeout>();

  get over(): Promise<true> {
    return this.#over.promise;
  }

  endsIn(ms: number): void {
    this.#timers.add(setTimeout(() => this.#over.resolve(true), Math.min(ms, 2 ** 31 - 1)));
  }

  [Symbol.dispose](): void {
    for (const timer of this.#timers) clearTimeout(timer);
  }
}

/** Another stop only shortens the patience of the first; both tell the same. */
async function joinStop(job: Workload, { graceMs, groups }: StopOptions): Promise<{ forced: boolean }> {
  job.hurry?.(graceMs);
  await shimGone(job);
  groups.sendKill(job.facts.group);
  return { forced: job.sent.includes("SIGKILL") };
}

/** To the whole tree; when it is gone, `settle` says. */
export function kill(job: Workload, groups: JobGroups): void {
  groups.sendKill(job.facts.group);
  job.sent.push("SIGKILL");
}

/**
 * Sends TERM while nothing of the group runs: its process ids cannot have passed to others. False when the process that
 * it is for is not there: the runtime has not made it yet, or the group did not freeze in time.
 */
async function terminate(job: Workload, { groups, mainPid }: StopOptions): Promise<boolean> {
  let isSent = false;
  await groups.whileFrozen(job.facts.group, (pids) => {
    const main = pids.find((pid) => isInner(pid, mainPid));
    if (main === undefined) return;
    process.kill(main, "SIGTERM");
    job.sent.push("SIGTERM");
    isSent = true;
  });
  return isSent;
}

/** Sends TERM to a job that is still being made as soon as it can be sent, which nothing announces; until disposed. */
function askOnceItIsThere(job: Workload, options: StopOptions): AsyncDisposable {
  const closing = new AbortController();
  const { signal } = closing;
  const ask = async (): Promise<void> => {
    for (;;) {
      await delay(ASK_AGAIN_MS, undefined, { signal });
      // What fails is tried again; without success KILL comes when the patience is over.
      if (await terminate(job, options).catch(() => false)) return;
    }
  };
  const asking = ask().catch(() => undefined);
  return {
    async [Symbol.asyncDispose]() {
      closing.abort();
      await asking;
    },
  };
}

/** Whether the host's process `pid` is `inner` in the innermost of its process namespaces, one below ours. */
function isInner(pid: number, inner: number): boolean {
  try {
    const ids = /^NSpid:\s+(.*)$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]?.split("\t") ?? [];
    return ids.length > 1 && ids.at(-1) === String(inner);
  } catch {
    return false;
  }
}

async function isOver(job: Workload): Promise<boolean> {
  return await Promise.race([shimGone(job).then(() => true), delay(0, false)]);
}
