import { BerthError, operations } from "@berth/protocol";
import { changesBetween } from "../../core/audit/change.ts";
import type { Caller } from "../../core/caller/caller.ts";
import { demandKeeperOf } from "../access/demand-keeper.ts";
import type { Context } from "../context.ts";

/** Takes away what a binding gave, from the principal's next request on. Throws BINDING_NOT_FOUND. */
export async function deleteBinding(
  context: Context,
  { caller, id }: { caller: Caller; id: string },
): Promise<void> {
  const { access, roles, store, audit, events } = context;
  await access.demand(caller, operations.deleteBinding.permission);
  const found = (await store.bindings.list()).find((binding) => binding.id === id);
  if (found !== undefined)
    await demandKeeperOf(
      context,
      { roles: [found.role] },
      { caller, permission: operations.deleteBinding.permission },
    );
  const before = found && { role: found.role, kind: found.kind, subject: found.subject };
  const changes = changesBetween(before ?? null, null);
  const record = audit.entry(caller, { ...operations.deleteBinding.permission, name: id, changes });
  const wasThere = await store.audited(record).bindings.delete(id);
  roles.remove(id);
  if (!wasThere) throw new BerthError("BINDING_NOT_FOUND", `Cannot find binding "${id}"`);
  events.accessChanged({ what: "Role taken back", id }, caller);
}
