import { operations } from "@berth/protocol";
import type { Caller } from "../../core/caller/caller.ts";
import type { Context } from "../context.ts";
import type { ShownGroup } from "./find-group.ts";

/** By name, with their members. */
export async function listGroups(
  { access, store, groups }: Context,
  { caller }: { caller: Caller },
): Promise<ShownGroup[]> {
  await access.demand(caller, operations.listGroups.permission);
  const all = await store.groups.list();
  return all.map((group) => ({ ...group, members: groups.membersOf(group.key) }));
}
