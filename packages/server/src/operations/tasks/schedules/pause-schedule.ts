import { operations } from "@berth/protocol";
import type { Caller } from "../../../core/caller/caller.ts";
import type { Context } from "../../context.ts";
import { findDefinition } from "../definitions/find-definition.ts";
import { firstDue } from "./cadence-of.ts";
import { type KnownSchedule, withState } from "./known-schedule.ts";

interface ScheduleRequest {
  caller: Caller;
  name: string;
}

/** Nothing is run until it is resumed. Idempotent. Throws SCHEDULE_NOT_FOUND, FORBIDDEN. */
export async function pauseSchedule(
  context: Context,
  { caller, name }: ScheduleRequest,
): Promise<KnownSchedule> {
  const { permission } = operations.pauseSchedule;
  const found = await findDefinition(context, { caller, kind: "schedule", name }, permission);
  const changes = [{ field: "paused", before: false, after: true }];
  const record = context.audit.entry(caller, { ...permission, name, changes });
  await context.store.audited(record).schedules.pause(name, context.now());
  return await withState(context, found);
}

/** From the next instant on: none of the pause is made up for. Idempotent. Throws SCHEDULE_NOT_FOUND, FORBIDDEN. */
export async function resumeSchedule(
  context: Context,
  { caller, name }: ScheduleRequest,
): Promise<KnownSchedule> {
  const { permission } = operations.resumeSchedule;
  const found = await findDefinition(context, { caller, kind: "schedule", name }, permission);
  const changes = [{ field: "paused", before: true, after: false }];
  const record = context.audit.entry(caller, { ...permission, name, changes });
  await context.store.audited(record).schedules.resume(name, firstDue(found.spec, context.now()));
  context.schedules.changed();
  return await withState(context, found);
}
