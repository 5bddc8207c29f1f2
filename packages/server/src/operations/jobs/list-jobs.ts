import type { ListJobsFilter } from "@berth/protocol";
import type { Job } from "../../core/job.ts";
import type { Principal } from "../../core/principal.ts";
import type { Context } from "../context.ts";

/** A page of jobs, newest first; of one's own only, unless one is an administrator. */
export function listJobs(
  { store }: Context,
  { principal, filter }: { principal: Principal; filter: ListJobsFilter },
): Promise<{ items: Job[]; next: string | null }> {
  return store.jobs.list({
    owner: principal.role === "admin" ? null : principal.name,
    states: filter.state ?? null,
    labels: (filter.label ?? []).map(keyAndValue),
    name: filter.name ?? null,
    createdAfter: epoch(filter.createdAfter),
    createdBefore: epoch(filter.createdBefore),
    limit: filter.limit,
    cursor: filter.cursor ?? null,
  });
}

function keyAndValue(text: string): { key: string; value: string } {
  const equals = text.indexOf("=");
  return { key: text.slice(0, equals), value: text.slice(equals + 1) };
}

function epoch(time: string | undefined): number | null {
  return time === undefined ? null : Date.parse(time);
}
