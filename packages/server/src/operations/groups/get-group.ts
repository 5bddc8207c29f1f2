import { operations } from "@berth/protocol";
import type { Caller } from "../../core/caller/caller.ts";
import type { Context } from "../context.ts";
import { findGroup, type ShownGroup } from "./find-group.ts";

/** Throws GROUP_NOT_FOUND. */
export async function getGroup(
  context: Context,
  { caller, name }: { caller: Caller; name: string },
): Promise<ShownGroup> {
  await context.access.demand(caller, operations.getGroup.permission, { called: name });
  const group = await findGroup(context, name);
  return { ...group, members: context.groups.membersOf(group.key) };
}
