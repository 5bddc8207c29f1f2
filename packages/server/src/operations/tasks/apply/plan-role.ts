import { operations } from "@berth/protocol";
import type { Rule } from "../../../core/access/role.ts";
import { changesBetween } from "../../../core/audit/change.ts";
import { demandNewRole, nameTaken, newRole } from "../../roles/create-role.ts";
import { changedRole, demandRoleChange, roleNotFound } from "../../roles/update-role.ts";
import { type Plan, type Planning, unchanged } from "./planned.ts";

/** Throws as making the role alone does, or changing it. What says the same already asks only that it may be read. */
export async function planRole(
  { context, caller, roles: planned, made }: Planning,
  { name, rules }: { name: string; rules: readonly Rule[] },
): Promise<Plan> {
  const { access, roles, events } = context;
  const request = { caller, name, rules };
  const found = roles.all.find((role) => role.name === name);
  planned.set(name, rules);
  if (found === undefined) {
    await demandNewRole(context, { ...request, before: made.role });
    made.role += 1;
    const { record, role } = newRole(context, request);
    return {
      name,
      action: "create",
      from: null,
      to: null,
      changes: [],
      write: async (audited) => ((await audited(record).roles.insert(role)) ? null : nameTaken(name)),
      tell: () => events.accessChanged({ what: "Role made", role: name }, caller),
    };
  }
  const isSame = JSON.stringify(found.rules) === JSON.stringify(rules);
  const { permission: reading } = operations.getRole;
  if (isSame && !roles.isBuiltIn(name) && (await access.allows(caller, reading, { called: name })))
    return unchanged(name, null);
  await demandRoleChange(context, request);
  if (isSame) return unchanged(name, null);
  const { record, role } = changedRole(context, request);
  return {
    name,
    action: "update",
    from: null,
    to: null,
    changes: changesBetween({ rules: found.rules }, { rules }),
    write: async (audited) => ((await audited(record).roles.update(role)) ? null : roleNotFound(name)),
    tell: () => events.accessChanged({ what: "Role changed", role: name }, caller),
  };
}
