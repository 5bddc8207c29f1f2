import { create, toBinary } from "@bufbuild/protobuf";
import { timestampMs, type Timestamp } from "@bufbuild/protobuf/wkt";
import { type ListJobsFilter, listJobsQuery } from "@berth/protocol";
import {
  type ExecutionInfoReply,
  ExecutionInfoReplySchema,
  type ExecutionListReply,
  ExecutionListReplySchema,
  type ListExecutionsRequest,
} from "@berth/protocol/executor";
import { check, requestInvalid } from "../../../core/input/check.ts";
import type { Context } from "../../../operations/context.ts";
import { listJobs } from "../../../operations/jobs/list-jobs.ts";
import type { Caller } from "../caller.ts";
import { executionInfo } from "../messages/execution-info.ts";

/** Clients take messages of 4 MiB unless told otherwise. */
const mostBytes = 3 * 2 ** 20;
const largestPage = 200;

/** A page of the caller's executions, shorter than asked for where one message may grow no larger. */
export async function listExecutions(
  context: Context,
  request: ListExecutionsRequest,
  { principal }: Caller,
): Promise<ExecutionListReply> {
  const checked = check(listJobsQuery, queryOf(request));
  if ("problems" in checked) {
    throw requestInvalid(
      checked.problems.map((problem) => ({ ...problem, field: wireField(problem.field) })),
    );
  }
  const page = await fittingPage(context, { principal, filter: checked.value, room: mostBytes });
  return reply(page.items, page.next);
}

/** All of the caller's executions, as far as they fit into one message. */
export async function listAllExecutions(
  context: Context,
  { principal }: Caller,
): Promise<ExecutionListReply> {
  const items: ExecutionInfoReply[] = [];
  let room = mostBytes;
  for (let cursor: string | null = null; ; ) {
    const filter: ListJobsFilter = { limit: largestPage, ...(cursor !== null && { cursor }) };
    const page = await fittingPage(context, { principal, filter, room, mayBeEmpty: items.length > 0 });
    items.push(...page.items);
    room -= page.bytes;
    if (page.next === null || page.wasCut) return reply(items, page.items.length === 0 ? cursor : page.next);
    cursor = page.next;
  }
}

interface Page {
  items: ExecutionInfoReply[];
  bytes: number;
  next: string | null;
  wasCut: boolean;
}

async function fittingPage(
  context: Context,
  {
    principal,
    filter,
    room,
    mayBeEmpty = false,
  }: { principal: Caller["principal"]; filter: ListJobsFilter; room: number; mayBeEmpty?: boolean },
): Promise<Page> {
  const page = await listJobs(context, { principal, filter });
  const all = page.items.map(executionInfo);
  let bytes = 0;
  const first = all.findIndex((item, index) => {
    const size = toBinary(ExecutionInfoReplySchema, item).length + 8;
    if (bytes + size > room && (index > 0 || mayBeEmpty)) return true;
    bytes += size;
    return false;
  });
  if (first === -1) return { items: all, bytes, next: page.next, wasCut: false };
  if (first === 0) return { items: [], bytes, next: filter.cursor ?? null, wasCut: true };
  // Asked again with what fits, because only the store knows where such a page ends.
  const shorter = await listJobs(context, { principal, filter: { ...filter, limit: first } });
  return { items: shorter.items.map(executionInfo), bytes, next: shorter.next, wasCut: true };
}

function reply(executions: ExecutionInfoReply[], next: string | null): ExecutionListReply {
  return create(ExecutionListReplySchema, { executions, next: next ?? "" });
}

function queryOf(request: ListExecutionsRequest): Record<string, unknown> {
  const { limit, cursor, states, labels, name, createdAfter, createdBefore } = request;
  const label = Object.entries(labels).map(([key, value]) => `${key}=${value}`);
  return {
    ...(limit !== undefined && { limit }),
    ...(cursor !== "" && { cursor }),
    ...(states.length > 0 && { state: states.join(",") }),
    ...(label.length > 0 && { label }),
    ...(name !== "" && { name }),
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
