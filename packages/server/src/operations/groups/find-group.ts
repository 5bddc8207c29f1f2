import { BerthError } from "@berth/protocol";
import { foldName } from "../../core/access/fold-name.ts";
import type { Group, Membership } from "../../store/account-store.ts";
import type { Context } from "../context.ts";

/** A group with who is in it. */
export interface ShownGroup extends Group {
  members: Membership[];
}

/** By its name, however it is written. Throws GROUP_NOT_FOUND. */
export async function findGroup({ store }: Pick<Context, "store">, name: string): Promise<Group> {
  const key = foldName(name);
  const found = (await store.groups.list()).find((group) => group.key === key);
  if (found === undefined) throw new BerthError("GROUP_NOT_FOUND", `Cannot find group "${name}"`);
  return found;
}
