import { BerthError, operations } from "@berth/protocol";
import { givenRoles } from "../../auth/roles.ts";
import type { Rule } from "../../core/access/role.ts";
import { changesBetween } from "../../core/audit/change.ts";
import type { Caller } from "../../core/caller/caller.ts";
import type { StoredRole } from "../../store/account-store.ts";
import type { Context } from "../context.ts";
import { roleProblems } from "./role-problems.ts";

const mostRoles = 1000;

/** Makes a role of the operator's own. Throws REQUEST_INVALID, NAME_TAKEN, TOO_MANY_ROLES. */
export async function createRole(
  { access, store, audit, roles, events, now }: Context,
  { caller, name, rules }: { caller: Caller; name: string; rules: readonly Rule[] },
): Promise<StoredRole> {
  await access.demand(caller, operations.createRole.permission, { called: name });
  const problems = roleProblems(rules);
  if (problems.length > 0)
    throw new BerthError("REQUEST_INVALID", `Cannot make role "${name}"`, { problems });
  await access.demandHeld(caller, operations.createRole.permission, rules);
  if (roles.all.length >= mostRoles)
    throw new BerthError("TOO_MANY_ROLES", `Cannot make role "${name}": there are ${mostRoles}`);
  const at = now();
  const role = { name, rules, createdAt: at, updatedAt: at };
  const changes = changesBetween(null, { rules });
  const record = audit.entry(caller, { ...operations.createRole.permission, name, changes });
  if (roles.isBuiltIn(name) || !(await store.audited(record).roles.insert(role)))
    throw new BerthError("NAME_TAKEN", `Cannot make role "${name}": there is one of this name`, {
      fix: "Choose another name, or change that one with `berth role update`",
    });
  await roles.reload(() => givenRoles(store));
  events.accessChanged({ what: "Role made", role: name }, caller);
  return role;
}
