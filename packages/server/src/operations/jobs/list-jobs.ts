import { type ListJobsFilter, operations } from "@berth/protocol";
import { requestInvalid } from "../../core/input/check.ts";
import type { Caller } from "../../core/caller/caller.ts";
import type { Job } from "../../core/job/job.ts";
import { keyOf } from "../../core/caller/principal.ts";
import type { JobPage } from "../../store/store.ts";
import type { Context } from "../context.ts";

export interface ListRequest {
  caller: Caller;
  filter: ListJobsFilter;
  /** Aborts when nobody waits for the answer any more: then nothing more is looked for. */
  signal?: AbortSignal;
}

/** Jobs that are read in one turn: a few milliseconds of the event loop. */
const mostInSlice = 25;
/** A page ends early when its specs and results have this many characters. */
const mostCharacters = 2 ** 20;

/** A page of jobs, newest first; of those that the caller may see. */
export async function listJobs(
  context: Context,
  request: ListRequest,
): Promise<{ items: Job[]; next: string | null }> {
  const items: Job[] = [];
  const { limit } = request.filter;
  let characters = 0;
  for (let { cursor } = request.filter; ; ) {
    const left = { ...request.filter, cursor, limit: limit - items.length };
    const slice = await listSlice(context, { ...request, filter: left });
    items.push(...slice.items);
    characters += slice.characters;
    if (slice.next === null || items.length >= limit || characters >= mostCharacters)
      return { items, next: slice.next };
    cursor = slice.next;
  }
}

/** The beginning of such a page, short enough to be read in one turn; it may be all of it. */
export async function listSlice(
  { store, turns, access }: Context,
  { caller, filter, signal }: ListRequest,
): Promise<JobPage> {
  await turns.take(keyOf(caller.principal));
  signal?.throwIfAborted();
  const owner = await access.listed(caller, operations.listJobs.permission);
  if (filter.ref !== undefined) return findPage(store, { owner, filter, text: filter.ref });
  return store.jobs.list({
    owner,
    states: filter.state ?? null,
    labels: (filter.label ?? []).map(keyAndValue),
    name: filter.name ?? null,
    task: filter.task ?? null,
    createdAfter: epoch(filter.createdAfter),
    createdBefore: epoch(filter.createdBefore),
    limit: Math.min(filter.limit, mostInSlice),
    cursor: filter.cursor ?? null,
  });
}

/** All that such a name or beginning of an id may mean: as it is asked for alone, one page shows whether it is unique. */
async function findPage(
  store: Context["store"],
  { owner, filter, text }: { owner: string | null; filter: ListJobsFilter; text: string },
): Promise<JobPage> {
  const { ref: _, limit, ...others } = filter;
  const other = Object.entries(others).find(([, value]) => value !== undefined);
  if (other !== undefined) {
    throw requestInvalid([{ field: `query.${other[0]}`, message: "cannot be asked for together with ref" }]);
  }
  const items = await store.jobs.find({ owner, text, limit: Math.min(limit, mostInSlice) });
  return { items, next: null, characters: 0 };
}

function keyAndValue(text: string): { key: string; value: string } {
  const equals = text.indexOf("=");
  return { key: text.slice(0, equals), value: text.slice(equals + 1) };
}

function epoch(time: string | undefined): number | null {
  return time === undefined ? null : Date.parse(time);
}
