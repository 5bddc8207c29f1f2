import type { Permission } from "@berth/protocol";
import type { Target } from "../../../core/access/target.ts";
import type { Caller } from "../../../core/caller/caller.ts";
import type { Definition, DefinitionKind } from "../../../core/task/definition.ts";
import type { Context } from "../../context.ts";
import { kinds, notFound, type SpecOf } from "./kinds.ts";

/** Names one definition and who asks for it. */
export interface DefinitionRequest<K extends DefinitionKind = DefinitionKind> {
  caller: Caller;
  kind: K;
  name: string;
}

export type Known<K extends DefinitionKind> = Omit<Definition, "spec" | "kind"> & { spec: SpecOf[K] };

/**
 * The definition as it is, where it is there and the caller may see or execute it; else RUNNER_NOT_FOUND or TASK_NOT_FOUND,
 * whichever of the two it was. Throws FORBIDDEN when the caller may see it, and not do this to it.
 */
export async function findDefinition<K extends DefinitionKind>(
  { store, access }: Pick<Context, "store" | "access">,
  { caller, kind, name }: DefinitionRequest<K>,
  permission: Permission,
): Promise<Known<K>> {
  const found = await store.definitions.get(kind, name);
  const target = { owner: found?.owner ?? "", called: name };
  const isAllowed = await access.allows(caller, permission, { ...target, isAside: true });
  if (found === null) throw notFound(kind, name);
  if (!isAllowed) {
    // Both record the one refusal.
    if (await isSeen({ access }, { caller, kind }, target)) await access.demand(caller, permission, target);
    if (!(await access.allows(caller, permission, target))) throw notFound(kind, name);
  }
  return { ...found, spec: specText(found.spec) };
}

/** Throws RUNNER_NOT_FOUND or TASK_NOT_FOUND, also where it is there and the caller may neither see nor execute it. */
export async function demandSeen(
  { store, access }: Pick<Context, "store" | "access">,
  { caller, kind, name }: DefinitionRequest,
): Promise<void> {
  const found = await store.definitions.get(kind, name);
  const target = { owner: found?.owner ?? "", called: name };
  const seen = await isSeen({ access }, { caller, kind }, target);
  if (found === null) throw notFound(kind, name);
  if (!seen && !(await access.allows(caller, kinds[kind].permissions.read, target)))
    throw notFound(kind, name);
}

async function isSeen(
  { access }: Pick<Context, "access">,
  { caller, kind }: Pick<DefinitionRequest, "caller" | "kind">,
  target: Target,
): Promise<boolean> {
  const { read } = kinds[kind].permissions;
  const aside = { ...target, isAside: true } as const;
  return (
    (await access.allows(caller, read, aside)) ||
    (await access.allows(caller, { ...read, verb: "execute" }, aside))
  );
}

/** Only operations write it, after a check. */
export function specText<K extends DefinitionKind>(text: string): SpecOf[K] {
  return JSON.parse(text) as SpecOf[K];
}
