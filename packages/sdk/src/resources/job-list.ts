import type { Job, JobList, JobState } from "@berth/protocol";
import { routes } from "@berth/protocol/routes";
import type { Http } from "../transport/http.ts";
import { unreadable } from "../transport/translate-error.ts";
import { asJobList } from "./answers.ts";

/** Which jobs to list; all conditions hold at once. */
export interface JobFilter {
  state?: JobState | readonly JobState[] | undefined;
  /** Labels with exactly these values. */
  labels?: Readonly<Record<string, string>> | undefined;
  name?: string | undefined;
  /** What people call a job by: the beginning of its id, or its name. Alone, with `limit`; at most 25 jobs. */
  ref?: string | undefined;
  createdAfter?: Date | undefined;
  createdBefore?: Date | undefined;
  /** Jobs per page, 1 to 200. Default 50. */
  limit?: number | undefined;
  signal?: AbortSignal | undefined;
}

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
  readonly #http: Http;
  readonly #filter: JobFilter;

  constructor(http: Http, filter: JobFilter) {
    this.#http = http;
    this.#filter = filter;
  }

  /** One page; `cursor` is the `next` of the page before, null on the last one. */
  async page(options: { cursor?: string | undefined } = {}): Promise<JobList> {
    const { state, labels = {}, name, ref, createdAfter, createdBefore, limit, signal } = this.#filter;
    const answer = await this.#http.json({
      route: routes.listJobs,
      query: {
        state: typeof state === "object" ? state.join(",") : state,
        label: Object.entries(labels).map(([key, value]) => `${key}=${value}`),
        name,
        ref,
        createdAfter: createdAfter?.toISOString(),
        createdBefore: createdBefore?.toISOString(),
        limit,
        cursor: options.cursor,
      },
      signal,
    });
    return asJobList(answer, this.#http.url);
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Job, void> {
    let cursor: string | undefined;
    for (;;) {
      const { items, next } = await this.page({ cursor });
      yield* items;
      if (next === null) return;
      if (next === cursor) throw unreadable(this.#http.url, "the list does not go on");
      cursor = next;
    }
  }
}
