import { BerthError } from "@berth/protocol";
import { definitionChanges } from "../../../core/task/definition-changes.ts";
import type { AuditEntry } from "../../../core/audit/record.ts";
import type { DefinitionKind, NewDefinition } from "../../../core/task/definition.ts";
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
  request: DefinitionRequest<K> & { spec: SpecOf[K] },
): Promise<Known<K>> {
  const { kind, name, spec } = request;
  await demandNew(context, request);
  const { record, row } = newDefinition(context, request);
  const stored = await context.store.audited(record).definitions.insert(row);
  if (stored === "no-parent") throw noParent(kind, row.belongsTo);
  const made = stored === "done" ? await context.store.definitions.get(kind, name) : null;
  if (made === null) throw existsAlready(kind, name);
  if (kind === "schedule") context.schedules.changed();
  return { ...made, spec };
}

/** Whether the caller may define this. Throws as defining it does, but for what only the write finds. */
export async function demandNew<K extends DefinitionKind>(
  context: Context,
  { caller, kind, name, spec }: DefinitionRequest<K> & { spec: SpecOf[K] },
): Promise<void> {
  const target = { owner: caller.principal.name, called: name };
  await context.access.demand(caller, kinds[kind].permissions.create, target);
  await demandUsable(context, { caller, kind, spec });
}

/** What is stored of a new one, and the record of it. */
export function newDefinition<K extends DefinitionKind>(
  { audit, now }: Pick<Context, "audit" | "now">,
  { caller, kind, name, spec }: DefinitionRequest<K> & { spec: SpecOf[K] },
): { record: AuditEntry; row: NewDefinition } {
  const owner = caller.principal.name;
  const at = now();
  const changes = definitionChanges(null, spec);
  const record = audit.entry(caller, { ...kinds[kind].permissions.create, name, changes });
  const row = {
    kind,
    name,
    owner,
    belongsTo: parentOf(spec),
    spec: JSON.stringify(spec),
    createdAt: at,
    updatedAt: at,
    updatedBy: owner,
    ...("cron" in spec && { nextAt: firstDue(spec, at) }),
  };
  return { record, row };
}

export function existsAlready(kind: DefinitionKind, name: string): BerthError {
  return new BerthError(kinds[kind].exists, `Cannot create ${kind} "${name}": there is one of that name`);
}

/** The runner of a task, the task of a schedule or a webhook; null for a runner. */
export function parentOf(spec: SpecOf[DefinitionKind]): string | null {
  if ("runner" in spec) return spec.runner;
  return "task" in spec ? spec.task : null;
}
