import { operations } from "@berth/protocol";
import type { Caller } from "../../core/caller/caller.ts";
import { demandKeeper } from "../access/demand-keeper.ts";
import { rulesOfName } from "../access/rules-of.ts";
import type { Context } from "../context.ts";
import { lockedAs } from "../certificates/locked-as.ts";
import { findUser, refuseBuiltIn, refuseDeleted, shownAccount, type ShownAccount } from "./find-user.ts";

/**
 * Shuts an account out of every door, whatever its credential, and ends its streams, waits and calls; or lets it in again.
 * Idempotent. Throws USER_NOT_FOUND, BUILT_IN.
 */
export async function lockUser(
  context: Context,
  { caller, name, locked }: { caller: Caller; name: string; locked: boolean },
): Promise<ShownAccount> {
  const { access, accounts, store, audit, locks, events, now } = context;
  await access.demand(caller, operations.lockUser.permission, { called: name });
  const account = findUser(accounts, name);
  refuseBuiltIn(account, "lock");
  refuseDeleted(account);
  if (locked)
    await demandKeeper(context, account.name, { caller, permission: operations.lockUser.permission });
  else await access.demandHeld(caller, operations.unlockUser.permission, rulesOfName(context, account.name));
  const record = audit.entry(caller, {
    ...operations.lockUser.permission,
    name: account.name,
    about: { locked },
  });
  const recorded = store.audited(record).locks;
  await (locked
    ? recorded.lock({ name: account.name, lockedAt: now() })
    : recorded.unlock(...(await lockedAs(store, account.name))));
  locks.set(account.name, locked);
  events.accessChanged({ what: locked ? "User locked" : "User unlocked", user: account.name }, caller);
  return shownAccount(locks, account);
}
