import { BerthError, operations } from "@berth/protocol";
import { givenRoles } from "../../auth/roles.ts";
import type { Role, Rule } from "../../core/access/role.ts";
import { changesBetween } from "../../core/audit/change.ts";
import type { AuditEntry } from "../../core/audit/record.ts";
import type { Caller } from "../../core/caller/caller.ts";
import type { StoredRole } from "../../store/account-store.ts";
import { demandKeeperOf } from "../access/demand-keeper.ts";
import type { Context } from "../context.ts";
import { roleProblems } from "./role-problems.ts";

interface RoleChange {
  caller: Caller;
  name: string;
  rules: readonly Rule[];
}

/** Gives a role other rules, for all who have it, from their next request on. Throws ROLE_NOT_FOUND, BUILT_IN, REQUEST_INVALID. */
export async function updateRole(context: Context, request: RoleChange): Promise<Role> {
  const { store, roles, events } = context;
  const { caller, name, rules } = request;
  await demandRoleChange(context, request);
  const { record, role } = changedRole(context, request);
  if (!(await store.audited(record).roles.update(role))) throw roleNotFound(name);
  await roles.reload(() => givenRoles(store));
  events.accessChanged({ what: "Role changed", role: name }, caller);
  return { name, rules };
}

/** Throws as the change does, but for what only the write finds. */
export async function demandRoleChange(context: Context, { caller, name, rules }: RoleChange): Promise<void> {
  const { access, roles } = context;
  const { permission } = operations.updateRole;
  await access.demand(caller, permission, { called: name });
  if (roles.isBuiltIn(name)) throw new BerthError("BUILT_IN", `Cannot change role "${name}": it is built in`);
  const problems = roleProblems(rules);
  if (problems.length > 0)
    throw new BerthError("REQUEST_INVALID", `Cannot change role "${name}"`, { problems });
  await access.demandHeld(caller, permission, rules);
  await demandKeeperOf(context, { roles: [name] }, { caller, permission });
}

/** What is stored of it, and the record of that. */
export function changedRole(
  { roles, audit, now }: Pick<Context, "roles" | "audit" | "now">,
  { caller, name, rules }: RoleChange,
): { record: AuditEntry; role: Omit<StoredRole, "createdAt"> } {
  const before = roles.all.find((role) => role.name === name);
  const changes = changesBetween({ rules: before?.rules ?? [] }, { rules });
  const record = audit.entry(caller, { ...operations.updateRole.permission, name, changes });
  return { record, role: { name, rules, updatedAt: now() } };
}

export function roleNotFound(name: string): BerthError {
  return new BerthError("ROLE_NOT_FOUND", `Cannot find role "${name}"`);
}
