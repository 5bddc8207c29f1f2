import type { DefinitionKind } from "../../../core/task/definition.ts";
import type { Context } from "../../context.ts";
import { type DefinitionRequest, findDefinition, type Known } from "./find-definition.ts";
import { versionOf } from "./get-definition.ts";
import { kinds, specOf } from "./kinds.ts";
import { putInForce, type Seen } from "./update-definition.ts";

/** Puts in force what an earlier version said, as a new one. Throws as a change does, and VERSION_NOT_FOUND. */
export async function rollBackDefinition<K extends DefinitionKind>(
  context: Context,
  { version, ...request }: DefinitionRequest<K> & Seen & { version: number },
): Promise<Known<K>> {
  const { kind, name } = request;
  const found = await findDefinition(context, request, kinds[kind].permissions.update);
  const { spec } = await versionOf(context, { kind, name, version });
  return await putInForce(context, { ...request, found, spec: specOf(kind, JSON.parse(spec)) });
}
