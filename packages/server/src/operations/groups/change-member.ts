import { BerthError, operations } from "@berth/protocol";
import type { Caller } from "../../core/caller/caller.ts";
import { demandKeeper, demandKeeperOf } from "../access/demand-keeper.ts";
import { rulesOf } from "../access/rules-of.ts";
import type { Context } from "../context.ts";
import { findUser, refuseDeleted } from "../users/find-user.ts";
import { findGroup, type ShownGroup } from "./find-group.ts";

/** What one is in by itself is bounded: each request asks for all of them. */
const mostGroupsOfOne = 1000;

export interface MemberChange {
  caller: Caller;
  name: string;
  user: string;
  isMember: boolean;
}

/**
 * Puts an account into a group, from its next request on, or takes it out; what a provider says of it stays. Idempotent.
 * Throws GROUP_NOT_FOUND, USER_NOT_FOUND.
 */
export async function changeMember(
  context: Context,
  { caller, name, user, isMember }: MemberChange,
): Promise<ShownGroup> {
  const { access, accounts, store, audit, groups, quotas, events } = context;
  await access.demand(caller, operations.addMember.permission, { called: name });
  const group = await findGroup(context, name);
  const account = findUser(accounts, user);
  refuseDeleted(account);
  const given = { groups: [group.key] };
  const { permission } = operations.addMember;
  if (isMember) await access.demandHeld(caller, permission, rulesOf(context, given));
  else await demandKeeperOf(context, given, { caller, permission });
  // What bounds the group would bound the account.
  if (isMember && quotas.of({ kind: "group", name: group.key }) !== null)
    await demandKeeper(context, account.name, { caller, permission });
  if (isMember && groups.of(account.name).length >= mostGroupsOfOne)
    throw new BerthError("TOO_MANY_GROUPS", `Cannot add "${user}" to a group: it is in ${mostGroupsOfOne}`);
  const membership = { group: group.key, member: account.name, source: "local" };
  const about = { user: account.name, member: isMember };
  const record = audit.entry(caller, { ...operations.addMember.permission, name: group.name, about });
  const recorded = store.audited(record).groups;
  await (isMember ? recorded.add(membership) : recorded.remove(membership));
  await groups.reload(() => store.groups.memberships());
  const what = isMember ? "Member added" : "Member removed";
  events.accessChanged({ what, group: group.name, user: account.name }, caller);
  return { ...group, members: groups.membersOf(group.key) };
}
