import type { RetryClaim } from "../../../core/task/retry/retries.ts";
import type { Database, Step } from "../database.ts";
import { toColumn } from "../words/exact-text.ts";

/** What becomes of a run that is due to be made again: it is, as this job; it is not; or it is later. */
type RetryTaken = { as: string } | { why: string } | { at: number };

/** For the write that acts on it: of all that try it one is stored. */
export function takeRetry({ build }: Database, { job, retry, from }: RetryClaim, taken: RetryTaken): Step {
  const query = build
    .updateTable("job")
    .set({
      retry: toColumn(JSON.stringify({ ...retry, ...taken })),
      retry_at: "at" in taken ? taken.at : null,
    })
    .where("id", "=", job)
    .where("retry_at", "=", from)
    .compile();
  return { query, exactly: 1 };
}
