import { BerthError, operations } from "@berth/protocol";
import { givenRoles } from "../../auth/roles.ts";
import type { Role, Rule } from "../../core/access/role.ts";
import { changesBetween } from "../../core/audit/change.ts";
import type { Caller } from "../../core/caller/caller.ts";
import { demandKeeperOf } from "../access/demand-keeper.ts";
import type { Context } from "../context.ts";
import { roleProblems } from "./role-problems.ts";

/** Gives a role other rules, for all who have it, from their next request on. Throws ROLE_NOT_FOUND, BUILT_IN, REQUEST_INVALID. */
export async function updateRole(
  context: Context,
  { caller, name, rules }: { caller: Caller; name: string; rules: readonly Rule[] },
): Promise<Role> {
  const { access, store, audit, roles, events, now } = context;
  await access.demand(caller, operations.updateRole.permission, { called: name });
  if (roles.isBuiltIn(name)) throw new BerthError("BUILT_IN", `Cannot change role "${name}": it is built in`);
  const problems = roleProblems(rules);
  if (problems.length > 0)
    throw new BerthError("REQUEST_INVALID", `Cannot change role "${name}"`, { problems });
  await access.demandHeld(caller, operations.updateRole.permission, rules);
  const { permission } = operations.updateRole;
  await demandKeeperOf(context, { roles: [name] }, { caller, permission });
  const before = roles.all.find((role) => role.name === name);
  const changes = changesBetween({ rules: before?.rules ?? [] }, { rules });
  const record = audit.entry(caller, { ...operations.updateRole.permission, name, changes });
  if (!(await store.audited(record).roles.update({ name, rules, updatedAt: now() })))
    throw new BerthError("ROLE_NOT_FOUND", `Cannot find role "${name}"`);
  await roles.reload(() => givenRoles(store));
  events.accessChanged({ what: "Role changed", role: name }, caller);
  return { name, rules };
}
