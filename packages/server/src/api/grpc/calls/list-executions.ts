import { timestampMs, type Timestamp } from "@bufbuild/protobuf/wkt";
import { type ListJobsFilter, listJobsQuery } from "@berth/protocol";
import type { ListExecutionsRequest } from "@berth/protocol/executor";
import { check, requestInvalid } from "../../../core/input/check.ts";
import type { Context } from "../../../operations/context.ts";
import { listSlice, type ListRequest } from "../../../operations/jobs/list-jobs.ts";
import type { AdmittedCall } from "../admitted-call.ts";
import type { LargeInfos } from "../large/large-infos.ts";
import { encodeEntry, type ExecutionList } from "../messages/execution-list.ts";
import { shown } from "./awaited-execution.ts";

/** Clients take messages of 4 MiB unless told otherwise. */
const mostBytes = 3 * 2 ** 20;

interface Parts {
  context: Context;
  infos: LargeInfos;
}

/** A page of the caller's executions, shorter than asked for where one message may grow no larger. */
export async function listExecutions(
  parts: Parts,
  request: ListExecutionsRequest,
  call: AdmittedCall,
): Promise<ExecutionList> {
  const checked = check(listJobsQuery, queryOf(request));
  if ("problems" in checked) {
    throw requestInvalid(
      checked.problems.map((problem) => ({ ...problem, field: wireField(problem.field) })),
    );
  }
  return fittingList(parts, { call, filter: checked.value });
}

/** All of the caller's executions, as far as they fit into one message. */
export function listAllExecutions(parts: Parts, call: AdmittedCall): Promise<ExecutionList> {
  return fittingList(parts, { call, filter: { limit: Number.MAX_SAFE_INTEGER } });
}

/** Reads and encodes a few at a time, and nothing more once the client has gone. */
async function fittingList(
  { context, infos }: Parts,
  { call: { caller, signal }, filter }: { call: AdmittedCall; filter: ListJobsFilter },
): Promise<ExecutionList> {
  const entries: Uint8Array[] = [];
  let room = mostBytes;
  for (let { cursor } = filter; ; ) {
    const from = (limit: number): ListRequest => ({
      caller,
      signal,
      filter: { ...filter, cursor, limit },
    });
    const slice = await listSlice(context, from(filter.limit - entries.length));
    const encoded: Uint8Array[] = [];
    for (const job of slice.items) encoded.push(encodeEntry(await shown(job, { caller, infos })));
    const fitting = fittingIn(room, encoded, { atLeast: entries.length === 0 ? 1 : 0 });
    entries.push(...fitting);
    if (fitting.length < encoded.length) {
      if (fitting.length === 0) return { entries, next: cursor ?? "" };
      // Asked again with what fits, because only the store knows where such a page ends.
      return { entries, next: (await listSlice(context, from(fitting.length))).next ?? "" };
    }
    if (slice.next === null || entries.length >= filter.limit) return { entries, next: slice.next ?? "" };
    room -= bytesOf(fitting);
    cursor = slice.next;
  }
}

/** As many of the first entries as there is room for. */
function fittingIn(
  room: number,
  entries: readonly Uint8Array[],
  { atLeast }: { atLeast: number },
): readonly Uint8Array[] {
  let left = room;
  const first = entries.findIndex(({ length }, index) => {
    left -= length;
    return left < 0 && index >= atLeast;
  });
  return first === -1 ? entries : entries.slice(0, first);
}

function bytesOf(entries: readonly Uint8Array[]): number {
  return entries.reduce((sum, { length }) => sum + length, 0);
}

function queryOf(request: ListExecutionsRequest): Record<string, unknown> {
  const { limit, cursor, states, labels, name, task, ref, createdAfter, createdBefore } = request;
  const label = Object.entries(labels).map(([key, value]) => `${key}=${value}`);
  return {
    ...(limit !== undefined && { limit }),
    ...(cursor !== "" && { cursor }),
    ...(states.length > 0 && { state: states.join(",") }),
    ...(label.length > 0 && { label }),
    ...(name !== "" && { name }),
    ...(task !== "" && { task }),
    ...(ref !== "" && { ref }),
    ...(createdAfter && { createdAfter: isoOf(createdAfter) }),
    ...(createdBefore && { createdBefore: isoOf(createdBefore) }),
  };
}

/** What no calendar holds becomes text that the schema refuses. */
function isoOf(time: Timestamp): string {
  const ms = timestampMs(time);
  return Math.abs(ms) <= 8.64e15 ? new Date(ms).toISOString() : "out of range";
}

function wireField(field: string): string {
  return field.replace(/^state\b/, "states").replace(/^label\b/, "labels");
}
