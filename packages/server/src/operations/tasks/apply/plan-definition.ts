import { BerthError } from "@berth/protocol";
import { allChangesBetween } from "../../../core/audit/change.ts";
import type { DefinitionKind } from "../../../core/task/definition.ts";
import type { Store } from "../../../store/store.ts";
import { demandNew, existsAlready, newDefinition } from "../definitions/create-definition.ts";
import { noParent } from "../definitions/demand-usable.ts";
import { type DefinitionRequest, demandSeen, findDefinition } from "../definitions/find-definition.ts";
import { kinds, type SpecOf } from "../definitions/kinds.ts";
import { changedDefinition, demandChange, versionChanged } from "../definitions/update-definition.ts";
import { type Plan, type Planning, unchanged } from "./planned.ts";

/** Throws as defining it alone does, or changing it. What says the same already asks only that it may be read. */
export async function planDefinition<K extends DefinitionKind>(
  { context, caller }: Planning,
  { kind, name, spec, store }: { kind: K; name: string; spec: SpecOf[K]; store: Store },
): Promise<Plan> {
  const request = { caller, kind, name, spec };
  const asStored = { ...context, store };
  if (!(await isSeen(asStored, request))) return await planNew(context, request, store);
  const stored = await store.definitions.get(kind, name);
  const text = JSON.stringify(spec);
  const isSame = stored?.spec === text;
  const { read, update } = kinds[kind].permissions;
  const mayRead =
    isSame && (await context.access.allows(caller, read, { owner: stored.owner, called: name }));
  const found = await findDefinition(asStored, request, mayRead ? read : update);
  const { spec: _, ...row } = found;
  context.store.draft({ ...row, kind, spec: text });
  if (JSON.stringify(found.spec) === text) return unchanged(name, found.version);
  await demandChange(context, { ...request, found });
  const { record, change } = changedDefinition(context, { ...request, found });
  return {
    name,
    action: "update",
    from: found.version,
    to: found.version + 1,
    changes: allChangesBetween(found.spec, spec),
    write: async (audited) => {
      const answer = await audited(record).definitions.change({ kind, name }, change);
      if (answer === "no-parent") return noParent(kind, change.belongsTo);
      return answer === "changed" ? versionChanged(kind, { name, version: found.version + 1 }) : null;
    },
    tell: () => undefined,
  };
}

async function planNew<K extends DefinitionKind>(
  context: Planning["context"],
  request: DefinitionRequest<K> & { spec: SpecOf[K] },
  store: Store,
): Promise<Plan> {
  const { kind, name } = request;
  const { record, row } = newDefinition(context, request);
  context.store.draft(row);
  await demandNew(context, request);
  // Somebody else's, which the caller may not see: as with defining it alone, only its name is told.
  if ((await store.definitions.get(kind, name)) !== null) throw existsAlready(kind, name);
  return {
    name,
    action: "create",
    from: null,
    to: null,
    changes: [],
    write: async (audited) => {
      const stored = await audited(record).definitions.insert(row);
      if (stored === "no-parent") return noParent(kind, row.belongsTo);
      return stored === "exists" ? existsAlready(kind, name) : null;
    },
    tell: () => undefined,
  };
}

async function isSeen(
  context: Parameters<typeof demandSeen>[0],
  request: DefinitionRequest,
): Promise<boolean> {
  try {
    await demandSeen(context, request);
    return true;
  } catch (error) {
    if (error instanceof BerthError && error.code === kinds[request.kind].missing) return false;
    throw error;
  }
}
