import { operations } from "@berth/protocol";
import { changesBetween } from "../../core/audit/change.ts";
import type { Caller } from "../../core/caller/caller.ts";
import type { Context } from "../context.ts";
import { findUser, shownAccount, type ShownAccount } from "./find-user.ts";

/** Changes how an account is shown. Throws USER_NOT_FOUND. */
export async function updateUser(
  { access, accounts, locks, store, audit, events }: Context,
  { caller, name, display }: { caller: Caller; name: string; display: string | null },
): Promise<ShownAccount> {
  await access.demand(caller, operations.updateUser.permission, { called: name });
  const account = findUser(accounts, name);
  const changes = changesBetween({ display: account.display }, { display });
  const record = audit.entry(caller, { ...operations.updateUser.permission, name: account.name, changes });
  await store.audited(record).accounts.change(account.id, { display });
  accounts.note(account, { display });
  events.accessChanged({ what: "User changed", user: account.name }, caller);
  return shownAccount(locks, findUser(accounts, name));
}
