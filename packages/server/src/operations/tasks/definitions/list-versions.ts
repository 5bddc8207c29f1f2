import { BerthError, type ListDefinitionsQuery } from "@berth/protocol";
import type { DefinitionKind, DefinitionVersion } from "../../../core/task/definition.ts";
import type { Context } from "../../context.ts";
import { type DefinitionRequest, findDefinition, specText } from "./find-definition.ts";
import { kinds, type SpecOf } from "./kinds.ts";

export type KnownVersion<K extends DefinitionKind> = Omit<DefinitionVersion, "spec"> & { spec: SpecOf[K] };

/** What it has said, newest first. Throws RUNNER_NOT_FOUND, TASK_NOT_FOUND, CURSOR_INVALID. */
export async function listVersions<K extends DefinitionKind>(
  context: Context,
  { filter: { limit, cursor }, ...request }: DefinitionRequest<K> & { filter: ListDefinitionsQuery },
): Promise<{ items: KnownVersion<K>[]; next: string | null }> {
  const { kind, name } = request;
  await findDefinition(context, request, kinds[kind].permissions.read);
  const page = { before: beforeOf(cursor), limit: limit + 1 };
  const found = await context.store.definitions.versions(kind, name, page);
  const items = found.slice(0, limit).map((one) => ({ ...one, spec: specText<K>(one.spec) }));
  return { items, next: found.length > limit ? String(items.at(-1)?.version ?? 1) : null };
}

function beforeOf(cursor: string | undefined): number | null {
  if (cursor === undefined) return null;
  if (/^[1-9]\d{0,14}$/.test(cursor)) return Number(cursor);
  throw new BerthError("CURSOR_INVALID", "Cannot list versions: the cursor is not one of a page before");
}
