import { operations } from "@berth/protocol";
import type { Caller } from "../../core/caller/caller.ts";
import type { Context } from "../context.ts";
import { findUser, shownAccount, type ShownAccount } from "./find-user.ts";

/** Changes how an account is shown. Throws USER_NOT_FOUND. */
export async function updateUser(
  { access, accounts, locks, store, events }: Context,
  { caller, name, display }: { caller: Caller; name: string; display: string | null },
): Promise<ShownAccount> {
  await access.demand(caller, operations.updateUser.permission, { called: name });
  const { id, ...account } = findUser(accounts, name);
  await store.accounts.change(id, { display });
  const changed = { ...account, id, display };
  accounts.put(changed);
  events.accessChanged({ what: "User changed", user: account.name }, caller);
  return shownAccount(locks, changed);
}
