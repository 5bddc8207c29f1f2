import type { JobState } from "@berth/protocol";

/** Which jobs to list; all conditions hold at once. */
export interface JobFilter {
  state?: JobState | readonly JobState[] | undefined;
  /** Labels with exactly these values. */
  labels?: Readonly<Record<string, string>> | undefined;
  name?: string | undefined;
  /** Runs of this task. */
  task?: string | undefined;
  /** What people call a job by: the beginning of its id, or its name. Alone, with `limit`; at most 25 jobs. */
  ref?: string | undefined;
  createdAfter?: Date | undefined;
  createdBefore?: Date | undefined;
  /** Jobs per page, 1 to 200. Default 50. */
  limit?: number | undefined;
  signal?: AbortSignal | undefined;
}
