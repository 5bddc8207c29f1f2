import { BerthError, operations } from "@berth/protocol";
import type { Caller } from "../../core/caller/caller.ts";
import type { Context } from "../context.ts";

/** Takes away what a binding gave, from the principal's next request on. Throws BINDING_NOT_FOUND. */
export async function deleteBinding(
  { access, roles, store, events }: Context,
  { caller, id }: { caller: Caller; id: string },
): Promise<void> {
  await access.demand(caller, operations.deleteBinding.permission);
  const wasThere = await store.bindings.delete(id);
  roles.remove(id);
  if (!wasThere) throw new BerthError("BINDING_NOT_FOUND", `Cannot find binding "${id}"`);
  events.accessChanged({ what: "Role taken back", id }, caller);
}
