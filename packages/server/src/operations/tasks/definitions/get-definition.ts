import { BerthError } from "@berth/protocol";
import type { DefinitionKind, DefinitionVersion } from "../../../core/task/definition.ts";
import type { Context } from "../../context.ts";
import { type DefinitionRequest, findDefinition, type Known, specText } from "./find-definition.ts";
import { kinds } from "./kinds.ts";

/** As it is, or as it was in a version. Throws RUNNER_NOT_FOUND, TASK_NOT_FOUND, VERSION_NOT_FOUND. */
export async function getDefinition<K extends DefinitionKind>(
  context: Context,
  request: DefinitionRequest<K> & { version?: number | undefined },
): Promise<Known<K>> {
  const found = await findDefinition(context, request, kinds[request.kind].permissions.read);
  return await asOf(context, request.kind, { found, version: request.version });
}

/** What it said in that version; without one what it says. */
export async function asOf<K extends DefinitionKind>(
  context: Pick<Context, "store">,
  kind: K,
  { found, version }: { found: Known<K>; version: number | undefined },
): Promise<Known<K>> {
  if (version === undefined || version === found.version) return found;
  const { spec, at, by } = await versionOf(context, { kind, name: found.name, version });
  const said = specText<K>(spec);
  return { ...found, version, spec: said, updatedAt: at, updatedBy: by };
}

export async function versionOf(
  { store }: Pick<Context, "store">,
  { kind, name, version }: { kind: DefinitionKind; name: string; version: number },
): Promise<DefinitionVersion> {
  const found = await store.definitions.version(kind, name, version);
  if (found !== null) return found;
  throw new BerthError("VERSION_NOT_FOUND", `Cannot find version ${version} of ${kind} "${name}"`);
}
