import { BerthError } from "@berth/protocol";
import { definitionChanges } from "../../../core/task/definition-changes.ts";
import type { Context } from "../../context.ts";
import { type DefinitionRequest, findDefinition } from "./find-definition.ts";
import { kinds, notFound } from "./kinds.ts";

/** So many are named where some still belong to it. */
const NAMED = 5;

/** What it said stays readable to who looks at its jobs. Throws RUNNER_NOT_FOUND, TASK_NOT_FOUND, SCHEDULE_NOT_FOUND, WEBHOOK_NOT_FOUND, RUNNER_IN_USE, TASK_IN_USE. */
export async function deleteDefinition(context: Context, request: DefinitionRequest): Promise<void> {
  const { store, audit } = context;
  const { caller, kind, name } = request;
  const permission = kinds[kind].permissions.delete;
  const { spec } = await findDefinition(context, request, permission);
  const record = audit.entry(caller, {
    ...permission,
    name,
    changes: definitionChanges(spec, null),
  });
  const deleted = await store.audited(record).definitions.delete(kind, name);
  if (deleted === "missing") throw notFound(kind, name);
  if (deleted === "done") return;
  const bound = await store.definitions.belongingTo(kind, name, NAMED + 1);
  const more = bound.length > NAMED ? ", and more" : "";
  const what = kind === "runner" ? "tasks" : "schedules or webhooks";
  throw new BerthError(
    kinds[kind].inUse,
    `Cannot delete ${kind} "${name}": ${what} belong to it: ${bound.slice(0, NAMED).join(", ")}${more}`,
  );
}
