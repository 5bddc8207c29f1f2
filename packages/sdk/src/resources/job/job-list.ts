import type { Job, JobList } from "@berth/protocol";
import { unreadable } from "../../transport/translate-error.ts";
import type { JobFilter } from "./job-filter.ts";
import type { JobWire } from "./job-wire.ts";

/**
 * Jobs, newest first: loop over all of them, or fetch page by page.
 *
 * @example
 * ```ts
 * for await (const job of berth.jobs.list({ state: "running" })) console.log(job.id);
 * const { items, next } = await berth.jobs.list({ limit: 20 }).page();
 * ```
 */
export class JobListing implements AsyncIterable<Job> {
  readonly #wire: JobWire;
  readonly #filter: JobFilter;

  constructor(wire: JobWire, filter: JobFilter) {
    this.#wire = wire;
    this.#filter = filter;
  }

  /** One page; `cursor` is the `next` of the page before, null on the last one. */
  async page(options: { cursor?: string | undefined } = {}): Promise<JobList> {
    return await this.#wire.list(this.#filter, { cursor: options.cursor });
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Job, void> {
    let cursor: string | undefined;
    for (;;) {
      const { items, next } = await this.page({ cursor });
      yield* items;
      if (next === null) return;
      if (next === cursor) throw unreadable(this.#wire.url, "the list does not go on");
      cursor = next;
    }
  }
}
