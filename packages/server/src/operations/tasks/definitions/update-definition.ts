import { BerthError, type ScheduleSpec } from "@berth/protocol";
import { definitionChanges } from "../../../core/task/definition-changes.ts";
import { mergeSpec } from "../../../core/task/merge-spec.ts";
import type { DefinitionKind } from "../../../core/task/definition.ts";
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
  {
    caller,
    kind,
    name,
    seen,
    found,
    spec,
  }: DefinitionRequest<K> & Seen & { found: Known<K>; spec: SpecOf[K] },
): Promise<Known<K>> {
  const { store, audit, now } = context;
  if (seen !== null && seen !== found.version) throw versionChanged(kind, { name, version: found.version });
  await demandUsable(context, { caller, kind, spec });
  const moved = movedSchedule(found.spec, spec);
  await demandOwnWords(context, { caller, owner: found.owner, before: found.spec, after: spec });
  const changes = definitionChanges(found.spec, spec);
  if (JSON.stringify(spec) === JSON.stringify(found.spec)) return found;
  const at = now();
  const by = caller.principal.name;
  const belongsTo = parentOf(spec);
  const record = audit.entry(caller, { ...kinds[kind].permissions.update, name, changes });
  const change = { from: found.version, spec: JSON.stringify(spec), belongsTo, at, by };
  const stored = await store
    .audited(record)
    .definitions.change({ kind, name }, { ...change, ...(moved !== null && movedTo(moved, at)) });
  if (stored === "no-parent") throw noParent(kind, belongsTo);
  if (stored === "changed") throw versionChanged(kind, { name, version: found.version + 1 });
  if (kind === "schedule") context.schedules.changed();
  return { ...found, version: found.version + 1, belongsTo, spec, updatedAt: at, updatedBy: by };
}

/** What a schedule said, and says now; null for the other kinds. */
function movedSchedule(
  before: SpecOf[DefinitionKind],
  after: SpecOf[DefinitionKind],
): Record<"before" | "after", ScheduleSpec> | null {
  return "cron" in before && "cron" in after ? { before, after } : null;
}

function versionChanged(
  kind: DefinitionKind,
  { name, version }: { name: string; version: number },
): BerthError {
  return new BerthError(
    "VERSION_CHANGED",
    `Cannot change ${kind} "${name}": somebody was faster, it stands at version ${version}`,
  );
}
