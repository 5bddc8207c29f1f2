import type { Job } from "../../../core/job.ts";

/** A job that runs is read several times between two writes; more than may run at once need not be kept. */
const MOST = 1024;
/** Of the text of one: what a job brings or leaves may be megabytes, and its objects many times that. */
const LONGEST = 8192;

/**
 * Jobs as this server last wrote them, so that reading one that is under way costs no query. Only what was written
 * and is on disk is kept, never what was read: a read may be older than a write that has been answered since.
 * Right because one server owns the database, which a lock sees to; what a person changes in PostgreSQL is forgotten
 * as soon as its notification comes.
 */
export class RecentJobs {
  readonly #jobs = new Map<string, Job>();
  #closed = false;

  get(id: string): Job | undefined {
    return this.#jobs.get(id);
  }

  keep(job: Job): void {
    if (this.#closed) return;
    this.#jobs.delete(job.id);
    if (!isSmall(job)) return;
    this.#jobs.set(job.id, job);
    if (this.#jobs.size <= MOST) return;
    const [oldest] = this.#jobs.keys();
    if (oldest !== undefined) this.#jobs.delete(oldest);
  }

  /** A closed store answers nothing, not from here either. */
  close(): void {
    this.#closed = true;
    this.#jobs.clear();
  }

  forgetAll(): void {
    this.#jobs.clear();
  }

  forget(id: string): void {
    this.#jobs.delete(id);
  }
}

/** A result comes with the end: then nobody reads the job again and again. */
function isSmall({ resultJson, spec, labels, cause }: Job): boolean {
  return resultJson === null && lettersLeft([spec, labels, cause], LONGEST) >= 0;
}

/** What is left of `most` letters after those of a value, about as JSON has them; looks no further once nothing is. */
function lettersLeft(value: unknown, most: number): number {
  if (typeof value === "string") return most - value.length - 2;
  if (typeof value !== "object" || value === null) return most - 8;
  let left = most;
  for (const key of Object.keys(value)) {
    left = lettersLeft(Reflect.get(value, key), left - key.length);
    if (left < 0) return left;
  }
  return left;
}
