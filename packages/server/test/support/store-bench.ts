import type { Job, JobChange } from "../../src/core/job/job.ts";
import type { JobState } from "@berth/protocol";
import type { JobFilter, NewJob, Store } from "../../src/store/store.ts";
import { filterOf, type NamedOfJob, noInputs, sampleJob } from "./sample-job.ts";

/** A way to each state through allowed moves. */
const WAYS: Record<JobState, readonly JobState[]> = {
  queued: [],
  preparing: ["preparing"],
  running: ["preparing", "running"],
  stopping: ["preparing", "running", "stopping"],
  succeeded: ["preparing", "running", "succeeded"],
  failed: ["failed"],
  canceled: ["canceled"],
  lost: ["preparing", "lost"],
};

/** One store and the steps that its tests are made of. */
export class StoreBench {
  readonly store: Store;

  constructor(store: Store) {
    this.store = store;
  }

  /** Stores a job that must be new. */
  async insert(named: NamedOfJob = {}, rest: Partial<NewJob> = {}): Promise<Job> {
    const inserted = await this.store.jobs.insert({
      job: sampleJob(named),
      inputs: noInputs,
      idempotency: null,
      ...rest,
    });
    if (inserted.kind !== "created") throw new Error(`Cannot insert a sample job: ${inserted.kind}`);
    return inserted.job;
  }

  /** Stores a job and moves it to a state. */
  async insertIn(state: JobState, named: NamedOfJob = {}): Promise<Job> {
    let job = await this.insert(named);
    for (const to of WAYS[state]) job = await this.move(job.id, to);
    return job;
  }

  /** A move that must succeed. */
  async move(id: string, to: JobState, change: JobChange & { at?: number } = {}): Promise<Job> {
    const job = await this.store.jobs.transition(id, to, { at: 1_800_000_001_000, ...change });
    if (job === null) throw new Error(`Cannot move sample job "${id}" to "${to}"`);
    return job;
  }

  async listIds(named: Partial<JobFilter> = {}): Promise<string[]> {
    return (await this.store.jobs.list(filterOf(named))).items.map(({ id }) => id);
  }

  /** Ids of all pages, page by page. */
  async pages(named: Partial<JobFilter>): Promise<string[][]> {
    const pages: string[][] = [];
    let cursor: string | null = null;
    do {
      const page = await this.store.jobs.list(filterOf({ ...named, cursor }));
      pages.push(page.items.map(({ id }) => id));
      cursor = page.next;
    } while (cursor !== null);
    return pages;
  }
}
