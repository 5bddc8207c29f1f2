import { BerthError } from "@berth/protocol/errors";
import type { Job, JobFilter } from "@berth/sdk";
import { printable } from "../../core/text/printable.ts";
import { UsageError } from "../../core/usage-error.ts";
import { shortLength } from "./list/job-columns.ts";

const WHOLE = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const MOST_SHOWN = 10;

/** Where jobs are looked for: both wires have it. */
export interface JobListings {
  list(filter: JobFilter): AsyncIterable<Job>;
}

/**
 * The id that somebody means by a name or by the beginning of an id. A whole id is taken as it is, without asking.
 * Where several jobs may be meant, the error lists them.
 */
export async function idOf(reference: string, jobs: JobListings): Promise<string> {
  const text = reference.trim();
  if (WHOLE.test(text)) return text;
  if (text === "") throw new UsageError("Cannot tell which job is meant: the id is empty", FIX);
  const found: Job[] = [];
  for await (const job of jobs.list({ ref: text, limit: MOST_SHOWN + 1 })) found.push(job);
  const [first, ...others] = found;
  if (first === undefined) {
    throw new BerthError(
      "JOB_NOT_FOUND",
      `Cannot find job "${text}": no id of yours begins so, and no name is this`,
    );
  }
  if (others.length === 0) return first.id;
  const many = found.length > MOST_SHOWN ? `more than ${MOST_SHOWN}` : String(found.length);
  throw new UsageError(`Cannot tell which job "${text}" means: ${many} jobs are called so`, FIX, {
    lines: candidateLines(found.slice(0, MOST_SHOWN)),
  });
}

const FIX = "Name one by more of its id: `berth list` shows them";

function candidateLines(jobs: readonly Job[]): string[] {
  const length = shortLength(
    jobs.map(({ id }) => id),
    null,
  );
  const names = jobs.map(({ name }) => printable(name ?? "-"));
  const widest = Math.max(...names.map((name) => name.length));
  return jobs.map(
    ({ id, state }, at) => `  ${id.slice(0, length)}  ${(names[at] ?? "").padEnd(widest)}  ${state}`,
  );
}
