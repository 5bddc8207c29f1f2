import type { Job as JobBody } from "@berth/protocol";
import type { Job } from "../../../core/job/job.ts";
import { viewJob } from "../../../core/job/job-view.ts";
import { onLoop } from "../../../lib/on-loop.ts";
import { type JsonPart, JsonText } from "./json-text.ts";

/** What only some answers show of a job. */
type More = Pick<JobBody, "stdout" | "stderr" | "stages">;

/**
 * A job as it goes over the wire, its spec and its result put in as the text they are: it may be megabytes, and parsing a
 * result would round its numbers.
 */
export function jobText(job: Job, more: More = {}): JsonText {
  return new JsonText(...partsOf(job, more));
}

export function jobListText(items: readonly Job[], next: string | null): JsonText {
  const jobs = items.flatMap((job, index) => [index === 0 ? "" : ",", ...partsOf(job, {})]);
  return new JsonText(`{"items":[`, ...jobs, `],"next":${JSON.stringify(next)}}`);
}

function partsOf(job: Job, more: More): JsonPart[] {
  const rest = onLoop("answer: write a job", () => JSON.stringify({ ...viewJob(job), ...more }));
  return [rest.slice(0, -1), `,"spec":`, job.spec.json, `,"result":`, job.resultJson ?? "null", "}"];
}
