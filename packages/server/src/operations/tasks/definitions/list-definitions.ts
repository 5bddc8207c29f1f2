import { BerthError, isDefinedName, type ListDefinitionsQuery } from "@berth/protocol";
import type { Caller } from "../../../core/caller/caller.ts";
import type { DefinitionKind } from "../../../core/task/definition.ts";
import type { Context } from "../../context.ts";
import { type Known, specText } from "./find-definition.ts";
import { kinds } from "./kinds.ts";

/** So many are looked at in one turn. */
const CHUNK = 200;

/** By name; those that the caller may see: all, its own, or those that its roles name. Throws FORBIDDEN, CURSOR_INVALID. */
export async function listDefinitions<K extends DefinitionKind>(
  { access, store }: Context,
  { caller, kind, filter }: { caller: Caller; kind: K; filter: ListDefinitionsQuery },
): Promise<{ items: Known<K>[]; next: string | null }> {
  const permission = kinds[kind].permissions.list;
  const seesAll = await access.allows(caller, permission, {});
  const items: Known<K>[] = [];
  for (let after = afterOf(filter.cursor); ; ) {
    const chunk = await store.definitions.list(kind, { owner: null, after, limit: CHUNK });
    for (const found of chunk) {
      const target = { owner: found.owner, called: found.name, isAside: true } as const;
      if (!seesAll && !(await access.allows(caller, permission, target))) continue;
      const last = items.at(-1);
      if (items.length === filter.limit && last !== undefined) return { items, next: last.name };
      items.push({ ...found, spec: specText(found.spec) });
    }
    const last = chunk.at(-1);
    if (last === undefined || chunk.length < CHUNK) break;
    after = last.name;
  }
  // Who sees none of them is told what it takes.
  if (!seesAll && items.length === 0 && filter.cursor === undefined) await access.demand(caller, permission);
  return { items, next: null };
}

function afterOf(cursor: string | undefined): string | null {
  if (cursor === undefined || isDefinedName(cursor)) return cursor ?? null;
  throw new BerthError("CURSOR_INVALID", "Cannot list definitions: the cursor is not one of a page before");
}
