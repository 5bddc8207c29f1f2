import type { Job as JobBody } from "@berth/protocol";
import type { Job } from "../../../core/job.ts";
import { viewJob } from "../../../core/job-view.ts";
import { onLoop } from "../../../lib/on-loop.ts";
import { JsonText } from "./json-text.ts";

/** What only some answers show of a job. */
type More = Pick<JobBody, "stdout" | "stderr" | "stages">;

/** A job as it goes over the wire, its result put in as the text it is: parsing it would round its numbers. */
export function jobText(job: Job, more: More = {}): JsonText {
  return new JsonText(textOf(job, more));
}

export function jobListText(items: readonly Job[], next: string | null): JsonText {
  const jobs = items.map((job) => textOf(job, {})).join(",");
  return new JsonText(`{"items":[${jobs}],"next":${JSON.stringify(next)}}`);
}

function textOf(job: Job, more: More): string {
  const rest = onLoop("answer: write a job", () => JSON.stringify({ ...viewJob(job), ...more }));
  return `${rest.slice(0, -1)},"result":${job.resultJson ?? "null"}}`;
}
