import type { Job } from "../../../core/job/job.ts";

/** A job that runs is read several times between two writes; more than may run at once need not be kept. */
const MOST = 1024;
/** Of the text of one that counts as small: the others may be megabytes. */
const LONGEST = 8192;
/** Of those that are not small: how many, and of their texts together. */
const MOST_LARGE = 16;
const MOST_LETTERS = 16 * 2 ** 20;

/**
 * Jobs as this server last wrote them, so that reading one that is under way costs no query. Only what was written
 * and is on disk is kept, never what was read: a read may be older than a write that has been answered since.
 * Right because one server owns the database, which a lock sees to; what a person changes in PostgreSQL is forgotten
 * as soon as its notification comes.
 */
export class RecentJobs {
  readonly #jobs = new Map<string, Job>();
  /** Letters of those of them that are not small. */
  readonly #large = new Map<string, number>();
  #closed = false;

  get(id: string): Job | undefined {
    return this.#jobs.get(id);
  }

  keep(job: Job): void {
    if (this.#closed) return;
    const known = this.#jobs.get(job.id);
    this.forget(job.id);
    // A result comes with the end: then nobody reads the job again and again.
    if (job.resultJson !== null) return;
    // What is made again of it is written elsewhere.
    if (job.retry?.at !== undefined) return;
    // It never changes: what was read of it need not be read again.
    if (known !== undefined) job.spec = known.spec;
    this.#jobs.set(job.id, job);
    if (!isSmall(job)) this.#keepLarge(job);
    if (this.#jobs.size <= MOST) return;
    const [oldest] = this.#jobs.keys();
    if (oldest !== undefined) this.forget(oldest);
  }

  #keepLarge({ id, spec }: Job): void {
    this.#large.set(id, spec.size);
    let letters = 0;
    for (const one of this.#large.values()) letters += one;
    for (const [oldest, one] of this.#large) {
      if (letters <= MOST_LETTERS && this.#large.size <= MOST_LARGE) return;
      letters -= one;
      this.forget(oldest);
    }
  }

  /** A closed store answers nothing, not from here either. */
  close(): void {
    this.#closed = true;
    this.forgetAll();
  }

  forgetAll(): void {
    this.#jobs.clear();
    this.#large.clear();
  }

  forget(id: string): void {
    this.#jobs.delete(id);
    this.#large.delete(id);
  }
}

function isSmall({ spec, labels, cause }: Job): boolean {
  return lettersLeft([labels, cause], LONGEST - spec.size) >= 0;
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
