import { BerthError } from "@berth/protocol";
import { definitionChanges } from "../../../core/task/definition-changes.ts";
import type { DefinitionKind } from "../../../core/task/definition.ts";
import type { Context } from "../../context.ts";
import { firstDue } from "../schedules/cadence-of.ts";
import { demandUsable, noParent } from "./demand-usable.ts";
import type { DefinitionRequest, Known } from "./find-definition.ts";
import { kinds, type SpecOf } from "./kinds.ts";

/**
 * Defines a runner, a task, a schedule or a webhook. Throws RUNNER_EXISTS, TASK_EXISTS, SCHEDULE_EXISTS, WEBHOOK_EXISTS, RUNNER_NOT_FOUND, TASK_NOT_FOUND, INPUT_INVALID, SECRET_NOT_ALLOWED, NETWORK_UNKNOWN,
 * NETWORK_NOT_ALLOWED, ENGINE_UNKNOWN, REQUEST_INVALID.
 */
export async function createDefinition<K extends DefinitionKind>(
  context: Context,
  { caller, kind, name, spec }: DefinitionRequest<K> & { spec: SpecOf[K] },
): Promise<Known<K>> {
  const { access, store, audit, now } = context;
  const permission = kinds[kind].permissions.create;
  const owner = caller.principal.name;
  await access.demand(caller, permission, { owner, called: name });
  await demandUsable(context, { caller, kind, spec });
  const at = now();
  const belongsTo = parentOf(spec);
  const record = audit.entry(caller, {
    ...permission,
    name,
    changes: definitionChanges(null, spec),
  });
  const text = JSON.stringify(spec);
  const stored = await store.audited(record).definitions.insert({
    kind,
    name,
    owner,
    belongsTo,
    spec: text,
    createdAt: at,
    updatedAt: at,
    updatedBy: owner,
    ...("cron" in spec && { nextAt: firstDue(spec, at) }),
  });
  if (stored === "no-parent") throw noParent(kind, belongsTo);
  const made = stored === "done" ? await store.definitions.get(kind, name) : null;
  if (made === null)
    throw new BerthError(kinds[kind].exists, `Cannot create ${kind} "${name}": there is one of that name`);
  if (kind === "schedule") context.schedules.changed();
  return { ...made, spec };
}

/** The runner of a task, the task of a schedule or a webhook; null for a runner. */
export function parentOf(spec: SpecOf[DefinitionKind]): string | null {
  if ("runner" in spec) return spec.runner;
  return "task" in spec ? spec.task : null;
}
