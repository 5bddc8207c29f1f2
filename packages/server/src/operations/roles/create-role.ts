import { BerthError, operations } from "@berth/protocol";
import { givenRoles } from "../../auth/roles.ts";
import type { Rule } from "../../core/access/role.ts";
import { changesBetween } from "../../core/audit/change.ts";
import type { AuditEntry } from "../../core/audit/record.ts";
import type { Caller } from "../../core/caller/caller.ts";
import type { StoredRole } from "../../store/account-store.ts";
import type { Context } from "../context.ts";
import { roleProblems } from "./role-problems.ts";

const mostRoles = 1000;

interface NewRole {
  caller: Caller;
  name: string;
  rules: readonly Rule[];
}

/** Makes a role of the operator's own. Throws REQUEST_INVALID, NAME_TAKEN, TOO_MANY_ROLES. */
export async function createRole(context: Context, request: NewRole): Promise<StoredRole> {
  const { store, roles, events } = context;
  const { caller, name } = request;
  await demandNewRole(context, request);
  const { record, role } = newRole(context, request);
  if (roles.isBuiltIn(name) || !(await store.audited(record).roles.insert(role))) throw nameTaken(name);
  await roles.reload(() => givenRoles(store));
  events.accessChanged({ what: "Role made", role: name }, caller);
  return role;
}

/** Throws as making it does, but for what only the write finds. `before`: so many more are made first. */
export async function demandNewRole(
  { access, roles }: Context,
  { caller, name, rules, before = 0 }: NewRole & { before?: number },
): Promise<void> {
  await access.demand(caller, operations.createRole.permission, { called: name });
  const problems = roleProblems(rules);
  if (problems.length > 0)
    throw new BerthError("REQUEST_INVALID", `Cannot make role "${name}"`, { problems });
  await access.demandHeld(caller, operations.createRole.permission, rules);
  if (roles.all.length + before >= mostRoles)
    throw new BerthError("TOO_MANY_ROLES", `Cannot make role "${name}": there are ${mostRoles}`);
}

/** What is stored of it, and the record of that. */
export function newRole(
  { audit, now }: Pick<Context, "audit" | "now">,
  { caller, name, rules }: NewRole,
): { record: AuditEntry; role: StoredRole } {
  const at = now();
  const changes = changesBetween(null, { rules });
  const record = audit.entry(caller, { ...operations.createRole.permission, name, changes });
  return { record, role: { name, rules, createdAt: at, updatedAt: at } };
}

export function nameTaken(name: string): BerthError {
  return new BerthError("NAME_TAKEN", `Cannot make role "${name}": there is one of this name`, {
    fix: "Choose another name, or change that one with `berth role update`",
  });
}
