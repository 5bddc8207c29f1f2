import { BerthError, operations } from "@berth/protocol";
import type { Role } from "../../core/access/role.ts";
import type { Caller } from "../../core/caller/caller.ts";
import type { Context } from "../context.ts";

/** Throws ROLE_NOT_FOUND. */
export async function getRole(
  { access, roles }: Context,
  { caller, name }: { caller: Caller; name: string },
): Promise<Role> {
  await access.demand(caller, operations.getRole.permission, { called: name });
  const found = roles.all.find((role) => role.name === name);
  if (found === undefined) throw new BerthError("ROLE_NOT_FOUND", `Cannot find role "${name}"`);
  return found;
}
