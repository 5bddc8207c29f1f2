import { operations } from "@berth/protocol";
import type { Caller } from "../../core/caller/caller.ts";
import { keyOf } from "../../core/caller/principal.ts";
import type { Context } from "../context.ts";
import { type Known, specText } from "./definitions/find-definition.ts";

/** So many are looked at in one turn. */
const CHUNK = 25;

/**
 * The tasks that the caller may execute, by name: those that are asked for, or all from the first on. Whoever takes no more of
 * them ends it.
 */
export async function* executableTasks(
  { access, store, turns }: Pick<Context, "access" | "store" | "turns">,
  { caller, names }: { caller: Caller; names: readonly string[] | null },
): AsyncGenerator<Known<"task">, void> {
  const { permission } = operations.runTask;
  const isAllowed = ({ owner, name }: { owner: string; name: string }): Promise<boolean> =>
    access.allows(caller, permission, { owner, called: name });
  for (const name of names ?? []) {
    await turns.take(keyOf(caller.principal));
    const found = await store.definitions.get("task", name);
    if (found !== null && (await isAllowed(found))) yield { ...found, spec: specText<"task">(found.spec) };
  }
  if (names !== null) return;
  for (let after: string | null = null; ; ) {
    await turns.take(keyOf(caller.principal));
    const chunk = await store.definitions.list("task", { owner: null, after, limit: CHUNK });
    for (const found of chunk)
      if (await isAllowed(found)) yield { ...found, spec: specText<"task">(found.spec) };
    after = chunk.at(-1)?.name ?? null;
    if (chunk.length < CHUNK) return;
  }
}
