import { operations, type ScheduleSpec } from "@berth/protocol";
import type { Caller } from "../../../core/caller/caller.ts";
import type { Context } from "../../context.ts";
import { findDefinition } from "../definitions/find-definition.ts";
import { checkedInput } from "../validate/checked-input.ts";
import { cadenceOf } from "./cadence-of.ts";

/**
 * Whoever has a task run by the clock must be allowed to run it, with this input. Throws REQUEST_INVALID, TASK_NOT_FOUND, FORBIDDEN,
 * INPUT_INVALID, SCHEMA_SLOW.
 */
export async function demandSchedulable(
  context: Context,
  { caller, spec }: { caller: Caller; spec: ScheduleSpec },
): Promise<void> {
  cadenceOf(spec, context.now());
  const asked = { caller, kind: "task" as const, name: spec.task };
  const task = await findDefinition(context, asked, operations.runTask.permission);
  await checkedInput(context, { caller, task, input: inputOf(spec) });
}

/** As the body of a run. */
export function inputOf({ input }: ScheduleSpec): Uint8Array {
  return input === undefined ? new Uint8Array() : Buffer.from(JSON.stringify(input));
}
