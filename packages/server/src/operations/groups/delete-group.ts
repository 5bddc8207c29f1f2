import { operations } from "@berth/protocol";
import { givenRoles } from "../../auth/roles.ts";
import type { Caller } from "../../core/caller/caller.ts";
import { demandKeeperOf } from "../access/demand-keeper.ts";
import type { Context } from "../context.ts";
import { findGroup } from "./find-group.ts";

/** Deletes a group with what was given to it: another of the name has nothing of it. Throws GROUP_NOT_FOUND. */
export async function deleteGroup(
  context: Context,
  { caller, name }: { caller: Caller; name: string },
): Promise<void> {
  const { access, store, audit, groups, roles, events } = context;
  await access.demand(caller, operations.deleteGroup.permission, { called: name });
  const group = await findGroup(context, name);
  await demandKeeperOf(
    context,
    { groups: [group.key] },
    { caller, permission: operations.deleteGroup.permission },
  );
  const about = { members: groups.membersOf(group.key).length };
  const record = audit.entry(caller, { ...operations.deleteGroup.permission, name: group.name, about });
  await store.audited(record).groups.delete(group.key);
  await Promise.all([groups.reload(() => store.groups.memberships()), roles.reload(() => givenRoles(store))]);
  events.accessChanged({ what: "Group deleted", group: group.name }, caller);
}
