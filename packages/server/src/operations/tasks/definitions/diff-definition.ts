import type { Difference } from "@berth/protocol";
import { allChangesBetween } from "../../../core/audit/change.ts";
import type { DefinitionKind } from "../../../core/task/definition.ts";
import type { Context } from "../../context.ts";
import { type DefinitionRequest, findDefinition } from "./find-definition.ts";
import { asOf } from "./get-definition.ts";
import { kinds } from "./kinds.ts";

/** In which fields two versions differ. Throws RUNNER_NOT_FOUND, TASK_NOT_FOUND, VERSION_NOT_FOUND. */
export async function diffDefinition<K extends DefinitionKind>(
  context: Context,
  request: DefinitionRequest<K> & { from?: number | undefined; to?: number | undefined },
): Promise<Difference> {
  const { kind, name } = request;
  const found = await findDefinition(context, request, kinds[kind].permissions.read);
  const after = await asOf(context, kind, { found, version: request.to });
  const from = request.from ?? (await versionBefore(context, { kind, name, version: after.version }));
  const before = await asOf(context, kind, { found, version: from });
  return { name, from, to: after.version, changes: allChangesBetween(before.spec, after.spec) };
}

/** Itself, where it is the first one. */
async function versionBefore(
  { store }: Pick<Context, "store">,
  { kind, name, version }: { kind: DefinitionKind; name: string; version: number },
): Promise<number> {
  const [before] = await store.definitions.versions(kind, name, { before: version, limit: 1 });
  return before?.version ?? version;
}
