import { operations } from "@berth/protocol";
import type { Role } from "../../core/access/role.ts";
import type { Caller } from "../../core/caller/caller.ts";
import type { Context } from "../context.ts";

/** Every role with its rules. */
export async function listRoles(
  { access, roles }: Context,
  { caller }: { caller: Caller },
): Promise<readonly Role[]> {
  await access.demand(caller, operations.listRoles.permission);
  return roles.all;
}
