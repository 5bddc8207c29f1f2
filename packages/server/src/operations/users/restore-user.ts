import { BerthError, operations } from "@berth/protocol";
import type { Caller } from "../../core/caller/caller.ts";
import { rulesOfName } from "../access/rules-of.ts";
import type { Context } from "../context.ts";
import { findUser, shownAccount, type ShownAccount } from "./find-user.ts";

/** Brings a deleted account back, with its password and its roles, and without its sessions and tokens; it is locked still if it was. Throws USER_NOT_FOUND. */
export async function restoreUser(
  context: Context,
  { caller, name }: { caller: Caller; name: string },
): Promise<ShownAccount> {
  const { access, accounts, store, audit, locks, events } = context;
  await access.demand(caller, operations.restoreUser.permission, { called: name });
  const account = findUser(accounts, name);
  await access.demandHeld(caller, operations.restoreUser.permission, rulesOfName(context, account.name));
  const about = { restored: true };
  const record = audit.entry(caller, { ...operations.restoreUser.permission, name: account.name, about });
  if (!(await store.audited(record).accounts.restore(account)))
    throw new BerthError("USER_NOT_FOUND", `Cannot find a deleted user "${name}": it is not deleted`);
  accounts.note(account, { deletedAt: null });
  await locks.reload(async () => (await store.locks.list()).map(({ name: locked }) => locked));
  events.accessChanged({ what: "User restored", user: account.name }, caller);
  return shownAccount(locks, findUser(accounts, name));
}
