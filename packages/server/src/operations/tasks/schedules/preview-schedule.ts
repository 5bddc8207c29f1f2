import { operations } from "@berth/protocol";
import type { Caller } from "../../../core/caller/caller.ts";
import type { Context } from "../../context.ts";
import { findDefinition } from "../definitions/find-definition.ts";
import { cadenceOf, sourceOf } from "./cadence-of.ts";

/** When it is due next, as if nobody paused or changed it. Throws SCHEDULE_NOT_FOUND, FORBIDDEN. */
export async function previewSchedule(
  context: Context,
  { caller, name, count }: { caller: Caller; name: string; count: number },
): Promise<{ zone: string; instants: number[] }> {
  const { permission } = operations.previewSchedule;
  const { spec } = await findDefinition(context, { caller, kind: "schedule", name }, permission);
  const now = context.now();
  return { zone: sourceOf(spec).zone, instants: cadenceOf(spec, now).nexts(now, count) };
}
