import { isTerminal } from "@berth/protocol";
import type { Job } from "../../../core/job/job.ts";
import { JsonText } from "../../http/json/json-text.ts";
import { unixDate } from "./unix-date.ts";

/** By which Kriten's clients know a job: a run of a task by its alias, any other by its id. */
export function kritenId({ alias, id }: Pick<Job, "alias" | "id">): string {
  return alias ?? id;
}

/** A job as a list shows it. */
export function jobRow(job: Job) {
  const hasEnded = isTerminal(job.state);
  const completed = job.state === "succeeded" ? 1 : 0;
  return {
    id: kritenId(job),
    owner: job.owner,
    start_time: unixDate(job.startedAt ?? job.createdAt),
    completion_time: unixDate(job.endedAt),
    failed: hasEnded && completed === 0 ? 1 : 0,
    completed,
    stdout: "",
    json_data: null,
  };
}

/** The same with what it said and left. Its result is text already: what parses it rounds its numbers. */
export function wholeJob(job: Job, stdout: string): JsonText {
  const { json_data: _, ...row } = jobRow(job);
  const head = JSON.stringify({ ...row, stdout }).slice(0, -1);
  return new JsonText(`${head},"json_data":`, resultOf(job, stdout), "}");
}

const marker = /^\^JSON\r?$/gm;

/** What stands between two marks and is no JSON is told as Kriten does. */
function resultOf({ resultJson, state }: Job, stdout: string): string {
  if (resultJson !== null) return resultJson;
  const isBroken = isTerminal(state) && (stdout.match(marker)?.length ?? 0) >= 2;
  return isBroken ? JSON.stringify({ error: "failed to parse JSON" }) : "null";
}
