import { operations } from "@berth/protocol";
import type { Caller } from "../../core/caller/caller.ts";
import type { Context } from "../context.ts";
import { findDefinition } from "./definitions/find-definition.ts";

/** What a task takes, for whoever may execute it; `{}`, which everything fits, where it says nothing. Throws TASK_NOT_FOUND. */
export async function getTaskSchema(
  context: Context,
  { caller, name }: { caller: Caller; name: string },
): Promise<Record<string, unknown>> {
  const { permission } = operations.getTaskSchema;
  const { spec } = await findDefinition(context, { caller, kind: "task", name }, permission);
  return spec.input ?? {};
}
