import { BerthError, operations } from "@berth/protocol";
import { changesBetween } from "../../core/audit/change.ts";
import type { Caller } from "../../core/caller/caller.ts";
import type { Context } from "../context.ts";

/** Takes away what a binding gave, from the principal's next request on. Throws BINDING_NOT_FOUND. */
export async function deleteBinding(
  { access, roles, store, audit, events }: Context,
  { caller, id }: { caller: Caller; id: string },
): Promise<void> {
  await access.demand(caller, operations.deleteBinding.permission);
  const found = (await store.bindings.list()).find((binding) => binding.id === id);
  const before = found && { role: found.role, kind: found.kind, subject: found.subject };
  const changes = changesBetween(before ?? null, null);
  const record = audit.entry(caller, { ...operations.deleteBinding.permission, name: id, changes });
  const wasThere = await store.audited(record).bindings.delete(id);
  roles.remove(id);
  if (!wasThere) throw new BerthError("BINDING_NOT_FOUND", `Cannot find binding "${id}"`);
  events.accessChanged({ what: "Role taken back", id }, caller);
}
