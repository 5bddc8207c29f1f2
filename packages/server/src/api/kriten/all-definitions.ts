import { keyOf } from "../../core/caller/principal.ts";
import type { Caller } from "../../core/caller/caller.ts";
import type { DefinitionKind } from "../../core/task/definition.ts";
import type { Context } from "../../operations/context.ts";
import type { Known } from "../../operations/tasks/definitions/find-definition.ts";
import { listDefinitions } from "../../operations/tasks/definitions/list-definitions.ts";

const PAGE = 200;

/** All of them, as they are shown. */
export async function showAll<K extends DefinitionKind>(
  context: Context,
  request: { caller: Caller; kind: K },
  show: (found: Known<K>) => unknown,
): Promise<unknown[]> {
  const rows: unknown[] = [];
  for await (const found of allDefinitions(context, request)) rows.push(show(found));
  return rows;
}

/** All that the caller may see: Kriten's lists have no pages. Others have their turns between ours. */
export async function* allDefinitions<K extends DefinitionKind>(
  context: Context,
  { caller, kind }: { caller: Caller; kind: K },
): AsyncGenerator<Known<K>> {
  let cursor: string | undefined;
  do {
    const { items, next } = await listDefinitions(context, { caller, kind, filter: { limit: PAGE, cursor } });
    yield* items;
    cursor = next ?? undefined;
    await context.turns.take(keyOf(caller.principal));
  } while (cursor !== undefined);
}
