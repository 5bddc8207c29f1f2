import { operations } from "@berth/protocol";
import type { Caller } from "../../core/caller/caller.ts";
import type { StoredBinding } from "../../store/store.ts";
import type { Context } from "../context.ts";

/** Which roles were given to whom, oldest first; of those that the caller may see. */
export async function listBindings(
  { access, store }: Context,
  { caller }: { caller: Caller },
): Promise<StoredBinding[]> {
  const owner = await access.listed(caller, operations.listBindings.permission);
  const bindings = await store.bindings.list();
  return owner === null
    ? bindings
    : bindings.filter(({ kind, subject }) =>
        kind === "user" ? subject === owner : caller.groups.includes(subject),
      );
}
