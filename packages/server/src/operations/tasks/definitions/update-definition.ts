import { BerthError, type ScheduleSpec } from "@berth/protocol";
import { definitionChanges } from "../../../core/task/definition-changes.ts";
import { mergeSpec } from "../../../core/task/merge-spec.ts";
import type { AuditEntry } from "../../../core/audit/record.ts";
import type { DefinitionChange, DefinitionKind } from "../../../core/task/definition.ts";
import type { Context } from "../../context.ts";
import { movedTo } from "../schedules/cadence-of.ts";
import { parentOf } from "./create-definition.ts";
import { demandOwnWords } from "./demand-own-words.ts";
import { demandUsable, noParent } from "./demand-usable.ts";
import { type DefinitionRequest, findDefinition, type Known } from "./find-definition.ts";
import { kinds, type SpecOf, specOf } from "./kinds.ts";

/** The version that the caller has seen, where it says so: the change is refused when another one holds by now. */
export type Seen = { seen: number | null };

/**
 * Changes fields, as a new version, for jobs from now on; what changes nothing makes none. Throws as creating does, and
 * RUNNER_NOT_FOUND, TASK_NOT_FOUND, VERSION_CHANGED.
 */
export async function updateDefinition<K extends DefinitionKind>(
  context: Context,
  { patch, ...request }: DefinitionRequest<K> & Seen & { patch: object },
): Promise<Known<K>> {
  const { kind } = request;
  const found = await findDefinition(context, request, kinds[kind].permissions.update);
  return await putInForce(context, { ...request, found, spec: specOf(kind, mergeSpec(found.spec, patch)) });
}

export async function putInForce<K extends DefinitionKind>(
  context: Context,
  { seen, ...request }: Changing<K> & Seen,
): Promise<Known<K>> {
  const { kind, name, found, spec } = request;
  if (seen !== null && seen !== found.version) throw versionChanged(kind, { name, version: found.version });
  await demandChange(context, request);
  if (JSON.stringify(spec) === JSON.stringify(found.spec)) return found;
  const { record, change } = changedDefinition(context, request);
  const stored = await context.store.audited(record).definitions.change({ kind, name }, change);
  if (stored === "no-parent") throw noParent(kind, change.belongsTo);
  if (stored === "changed") throw versionChanged(kind, { name, version: found.version + 1 });
  if (kind === "schedule") context.schedules.changed();
  const { belongsTo, at: updatedAt, by: updatedBy } = change;
  return { ...found, version: found.version + 1, belongsTo, spec, updatedAt, updatedBy };
}

type Changing<K extends DefinitionKind> = DefinitionRequest<K> & { found: Known<K>; spec: SpecOf[K] };

/** Whether the caller may have it say this. Throws as a change does, but for what only the write finds. */
export async function demandChange<K extends DefinitionKind>(
  context: Context,
  { caller, kind, found, spec }: Changing<K>,
): Promise<void> {
  await demandUsable(context, { caller, kind, spec });
  await demandOwnWords(context, { caller, owner: found.owner, before: found.spec, after: spec });
}

/** What is stored of a change, and the record of it. */
export function changedDefinition<K extends DefinitionKind>(
  { audit, now }: Pick<Context, "audit" | "now">,
  { caller, kind, name, found, spec }: Changing<K>,
): { record: AuditEntry; change: DefinitionChange } {
  const changes = definitionChanges(found.spec, spec);
  const record = audit.entry(caller, { ...kinds[kind].permissions.update, name, changes });
  const at = now();
  const moved = movedSchedule(found.spec, spec);
  const change = {
    from: found.version,
    spec: JSON.stringify(spec),
    belongsTo: parentOf(spec),
    at,
    by: caller.principal.name,
    ...(moved !== null && movedTo(moved, at)),
  };
  return { record, change };
}

/** What a schedule said, and says now; null for the other kinds. */
function movedSchedule(
  before: SpecOf[DefinitionKind],
  after: SpecOf[DefinitionKind],
): Record<"before" | "after", ScheduleSpec> | null {
  return "cron" in before && "cron" in after ? { before, after } : null;
}

export function versionChanged(
  kind: DefinitionKind,
  { name, version }: { name: string; version: number },
): BerthError {
  return new BerthError(
    "VERSION_CHANGED",
    `Cannot change ${kind} "${name}": somebody was faster, it stands at version ${version}`,
  );
}
