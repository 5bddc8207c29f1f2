import { BerthError } from "@berth/protocol";
import type { Accounts } from "../../auth/login/accounts.ts";
import type { Locks } from "../../auth/locks.ts";
import type { Account } from "../../store/account-store.ts";

/** An account as it is shown. */
export interface ShownAccount extends Account {
  locked: boolean;
}

/** By its name, however it is written. Throws USER_NOT_FOUND. */
export function findUser(accounts: Pick<Accounts, "find">, name: string): Account {
  const found = accounts.find(name);
  if (found === null) throw new BerthError("USER_NOT_FOUND", `Cannot find user "${name}"`);
  return found;
}

/** With whether it is shut out: a deleted one always is. */
export function shownAccount(locks: Pick<Locks, "isLocked">, account: Account): ShownAccount {
  const roles = account.name === "admin" ? ["admin"] : ["self"];
  return { ...account, locked: locks.isLocked({ name: account.name, roles }) };
}

/** Throws BUILT_IN for the account that is always there. */
export function refuseBuiltIn({ name }: Account, what: string): void {
  if (name !== "admin") return;
  throw new BerthError("BUILT_IN", `Cannot ${what} user "admin": nobody else could take it back`);
}

/** Throws USER_NOT_FOUND for one that is deleted: what brings it back is a restore. */
export function refuseDeleted({ name, deletedAt }: Account): void {
  if (deletedAt === null) return;
  throw new BerthError("USER_NOT_FOUND", `Cannot find user "${name}": it is deleted`, {
    fix: `Bring it back: \`berth user restore ${name}\``,
  });
}
