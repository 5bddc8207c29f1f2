import { BerthError, operations } from "@berth/protocol";
import type { Caller } from "../../core/caller/caller.ts";
import type { Identified } from "../../store/account-store.ts";
import type { Context } from "../context.ts";
import { findUser, shownAccount, type ShownAccount } from "./find-user.ts";

/** USER_NOT_FOUND where it is not there, or not for the caller to see. */
export async function getUser(
  { access, accounts, locks, store }: Context,
  { caller, name }: { caller: Caller; name: string },
): Promise<ShownAccount & { identities: Identified[] }> {
  const account = findUser(accounts, name);
  if (
    !(await access.allows(caller, operations.getUser.permission, {
      owner: account.name,
      called: account.name,
    }))
  )
    throw new BerthError("USER_NOT_FOUND", `Cannot find user "${name}"`);
  return { ...shownAccount(locks, account), identities: await store.accounts.identities(account.id) };
}
