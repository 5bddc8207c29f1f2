import { BerthError } from "@berth/protocol";
import { definitionChanges } from "../../../core/task/definition-changes.ts";
import type { DefinitionKind } from "../../../core/task/definition.ts";
import type { Context } from "../../context.ts";
import { demandUsable, noRunner } from "./demand-usable.ts";
import type { DefinitionRequest, Known } from "./find-definition.ts";
import { kinds, type SpecOf } from "./kinds.ts";

/**
 * Defines a runner or a task. Throws RUNNER_EXISTS, TASK_EXISTS, RUNNER_NOT_FOUND, SECRET_NOT_ALLOWED, NETWORK_UNKNOWN,
 * NETWORK_NOT_ALLOWED, ENGINE_UNKNOWN, REQUEST_INVALID.
 */
export async function createDefinition<K extends DefinitionKind>(
  context: Context,
  { caller, kind, name, spec }: DefinitionRequest<K> & { spec: SpecOf[K] },
): Promise<Known<K>> {
  const { access, store, audit, now } = context;
  const permission = kinds[kind].permissions.create;
  const owner = caller.principal.name;
  await access.demand(caller, permission, { owner, called: name });
  await demandUsable(context, { caller, kind, spec });
  const at = now();
  const runner = runnerOf(spec);
  const record = audit.entry(caller, {
    ...permission,
    name,
    changes: definitionChanges(null, spec),
  });
  const text = JSON.stringify(spec);
  const stored = await store.audited(record).definitions.insert({
    kind,
    name,
    owner,
    runner,
    spec: text,
    createdAt: at,
    updatedAt: at,
    updatedBy: owner,
  });
  if (stored === "no-runner") throw noRunner(runner ?? "");
  const made = stored === "done" ? await store.definitions.get(kind, name) : null;
  if (made === null)
    throw new BerthError(kinds[kind].exists, `Cannot create ${kind} "${name}": there is one of that name`);
  return { ...made, spec };
}

/** The runner that a task belongs to; null for a runner. */
export function runnerOf(spec: SpecOf[DefinitionKind]): string | null {
  return "runner" in spec ? spec.runner : null;
}
