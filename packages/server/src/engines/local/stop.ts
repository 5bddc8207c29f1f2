import { setTimeout as delay } from "node:timers/promises";
import type { JobGroups } from "./groups/job-groups.ts";
import { tellShim } from "./jobs/tell-shim.ts";
import { kill, endTold, type Workload } from "./jobs/workload.ts";
import { TERM_LINE } from "./spawner/shim-lines.ts";

export interface StopOptions {
  graceMs: number;
  groups: JobGroups;
  /** Resolves when the job is told ended. */
  ended: () => Promise<unknown>;
}

/** TERM, patience, then KILL of the whole tree. Resolves when the job is told ended. */
export async function stopJob(job: Workload, options: StopOptions): Promise<{ forced: boolean }> {
  if (job.hurry) return await joinStop(job, options);
  using patience = new Patience();
  job.hurry = (graceMs) => patience.endsIn(graceMs);
  try {
    if (await isOver(job)) return { forced: false };
    job.folder.noteStop();
    terminate(job);
    patience.endsIn(options.graceMs);
    const forced = await Promise.race([endTold(job).then(() => false), patience.over]);
    if (forced) kill(job, options.groups);
    await options.ended();
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
async function joinStop(job: Workload, { graceMs, ended }: StopOptions): Promise<{ forced: boolean }> {
  job.hurry?.(graceMs);
  await ended();
  return { forced: job.sent.includes("SIGKILL") };
}

/**
 * Has pid 1 send TERM to the job's main process, which nobody outside could name without a race. Where the shim does not
 * hear it any more it is ending; where it cannot be told now, as for want of descriptors, KILL comes when patience is over.
 */
function terminate(job: Workload): void {
  try {
    tellShim(job, TERM_LINE);
    job.sent.push("SIGTERM");
  } catch {
    // So it is not asked.
  }
}

async function isOver(job: Workload): Promise<boolean> {
  return await Promise.race([endTold(job).then(() => true), delay(0, false)]);
}
