import { BerthError, operations } from "@berth/protocol";
import { foldName } from "../../core/access/fold-name.ts";
import { principalProblem } from "../../core/access/principal-name.ts";
import type { Caller } from "../../core/caller/caller.ts";
import type { Context } from "../context.ts";
import type { ShownGroup } from "./find-group.ts";

/** They are listed whole. */
const mostGroups = 2000;

/**
 * Makes a group. What a provider says of a group of this name counts for it too. Throws REQUEST_INVALID, NAME_TAKEN,
 * TOO_MANY_GROUPS.
 */
export async function createGroup(
  { access, store, audit, groups, events, now }: Context,
  { caller, name }: { caller: Caller; name: string },
): Promise<ShownGroup> {
  await access.demand(caller, operations.createGroup.permission, { called: name });
  const message = principalProblem(name);
  if (message !== null) {
    const problems = [{ field: "name", message }];
    throw new BerthError("REQUEST_INVALID", `Cannot make group "${name}": the name ${message}`, { problems });
  }
  if ((await store.groups.list()).length >= mostGroups)
    throw new BerthError("TOO_MANY_GROUPS", `Cannot make group "${name}": there are ${mostGroups}`);
  const group = { key: foldName(name), name, createdAt: now() };
  const record = audit.entry(caller, { ...operations.createGroup.permission, name });
  if (!(await store.audited(record).groups.insert(group)))
    throw new BerthError("NAME_TAKEN", `Cannot make group "${name}": there is one of this name`);
  events.accessChanged({ what: "Group made", group: name }, caller);
  return { ...group, members: groups.membersOf(group.key) };
}
