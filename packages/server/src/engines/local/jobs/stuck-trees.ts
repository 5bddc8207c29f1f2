import type { JobGroups } from "../groups/job-groups.ts";
import type { Workload } from "./workload.ts";

const EVERY_MS = 2000;

export interface StuckTreesOptions {
  groups: Pick<JobGroups, "isPopulated" | "pids" | "sendKill">;
  onNotice: (notice: string, detail: Record<string, unknown>) => void;
  /** Removes all that is left of a job. */
  remove: (id: string) => Promise<void>;
}

/**
 * Jobs that have been told ended while processes of theirs were left, which not even KILL has ended: they wait in the
 * kernel. Their groups, folders and ids are kept until the last of them is gone, and removed then.
 */
export class StuckTrees implements Disposable {
  readonly #options: StuckTreesOptions;
  readonly #jobs = new Map<string, Workload>();
  #timer: NodeJS.Timeout | undefined;

  constructor(options: StuckTreesOptions) {
    this.#options = options;
  }

  add(job: Workload): void {
    const { groups, onNotice } = this.#options;
    if (!this.#jobs.has(job.id)) {
      const processes = groups.pids(job.facts.group);
      onNotice("processes of a job that has ended cannot be killed yet", { job: job.id, processes });
    }
    this.#jobs.set(job.id, job);
    this.#timer ??= setInterval(() => this.#look(), EVERY_MS).unref();
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    const { onNotice, remove } = this.#options;
    for (const job of this.#jobs.values()) {
      if (this.#isThere(job)) continue;
      this.#jobs.delete(job.id);
      onNotice("the last process of a job that had ended is gone", { job: job.id });
      remove(job.id).catch((error: unknown) => {
        onNotice("what is left of a job could not be removed", { job: job.id, error: String(error) });
      });
    }
    if (this.#jobs.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  /** Who cannot look now, as for want of descriptors, looks again later. */
  #isThere({ facts }: Workload): boolean {
    const { groups } = this.#options;
    try {
      if (!groups.isPopulated(facts.group)) return false;
      groups.sendKill(facts.group);
    } catch {
      // So it stays.
    }
    return true;
  }
}
