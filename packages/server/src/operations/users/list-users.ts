import { operations } from "@berth/protocol";
import type { Caller } from "../../core/caller/caller.ts";
import type { Context } from "../context.ts";
import { shownAccount, type ShownAccount } from "./find-user.ts";

/** By name, also those that are deleted; of those that the caller may see. `next` is the cursor of the following page. */
export async function listUsers(
  { access, accounts, locks }: Context,
  { caller, limit, cursor }: { caller: Caller; limit: number; cursor: string | null },
): Promise<{ items: ShownAccount[]; next: string | null }> {
  const owner = await access.listed(caller, operations.listUsers.permission);
  const seen = owner === null ? accounts.all() : [accounts.find(owner)].filter((one) => one !== null);
  const rest = cursor === null ? seen : seen.filter(({ key }) => key > cursor);
  const page = rest.slice(0, limit);
  return {
    items: page.map((account) => shownAccount(locks, account)),
    next: rest.length > limit ? (page.at(-1)?.key ?? null) : null,
  };
}
