import { BerthError, type ListDefinitionsQuery, operations } from "@berth/protocol";
import type { Caller } from "../../../core/caller/caller.ts";
import type { StoredRun } from "../../../core/task/schedules.ts";
import type { Context } from "../../context.ts";
import { findDefinition } from "../definitions/find-definition.ts";

/** What came of the instants that it was due at, latest first. Throws SCHEDULE_NOT_FOUND, FORBIDDEN, CURSOR_INVALID. */
export async function listScheduleRuns(
  context: Context,
  { caller, name, filter: { limit, cursor } }: { caller: Caller; name: string; filter: ListDefinitionsQuery },
): Promise<{ items: StoredRun[]; next: string | null }> {
  await findDefinition(context, { caller, kind: "schedule", name }, operations.listScheduleRuns.permission);
  const page = { before: beforeOf(cursor), limit: limit + 1 };
  const found = await context.store.schedules.runs(name, page);
  const items = found.slice(0, limit);
  const last = items.at(-1);
  return { items, next: found.length > limit && last !== undefined ? String(last.dueAt) : null };
}

function beforeOf(cursor: string | undefined): number | null {
  if (cursor === undefined) return null;
  if (/^[1-9]\d{0,14}$/.test(cursor)) return Number(cursor);
  throw new BerthError("CURSOR_INVALID", "Cannot list runs: the cursor is not one of a page before");
}
