import { BerthError, operations } from "@berth/protocol";
import { givenRoles } from "../../auth/roles.ts";
import type { Caller } from "../../core/caller/caller.ts";
import type { Context } from "../context.ts";

/** Deletes a role that nobody has. Throws ROLE_NOT_FOUND, BUILT_IN, ROLE_IN_USE. */
export async function deleteRole(
  { access, store, audit, roles, events }: Context,
  { caller, name }: { caller: Caller; name: string },
): Promise<void> {
  await access.demand(caller, operations.deleteRole.permission, { called: name });
  if (roles.isBuiltIn(name)) throw new BerthError("BUILT_IN", `Cannot delete role "${name}": it is built in`);
  const record = audit.entry(caller, { ...operations.deleteRole.permission, name });
  const what = await store.audited(record).roles.delete(name);
  if (what === "missing") throw new BerthError("ROLE_NOT_FOUND", `Cannot find role "${name}"`);
  if (what === "in-use")
    throw new BerthError("ROLE_IN_USE", `Cannot delete role "${name}": bindings give it to somebody`);
  await roles.reload(() => givenRoles(store));
  events.accessChanged({ what: "Role deleted", role: name }, caller);
}
