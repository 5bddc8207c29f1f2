import { BerthError, operations } from "@berth/protocol";
import type { Caller } from "../../core/caller/caller.ts";
import { demandKeeper } from "../access/demand-keeper.ts";
import type { Context } from "../context.ts";
import { findUser, refuseBuiltIn } from "./find-user.ts";

/**
 * Deletes an account: no credential lets its name in any more, and what it has open ends. The name, and what belongs to it,
 * is kept for nobody else. Throws USER_NOT_FOUND, BUILT_IN.
 */
export async function deleteUser(
  context: Context,
  { caller, name }: { caller: Caller; name: string },
): Promise<void> {
  const { access, accounts, store, audit, locks, sessions, tokens, events, now } = context;
  await access.demand(caller, operations.deleteUser.permission, { called: name });
  const account = findUser(accounts, name);
  refuseBuiltIn(account, "delete");
  await demandKeeper(context, account.name, { caller, permission: operations.deleteUser.permission });
  const at = now();
  const record = audit.entry(caller, { ...operations.deleteUser.permission, name: account.name });
  if (!(await store.audited(record).accounts.delete(account, at)))
    throw new BerthError("USER_NOT_FOUND", `Cannot find user "${name}": it is deleted already`);
  accounts.note(account, { deletedAt: at });
  locks.set(account.name, true);
  await Promise.all([sessions.reload(), tokens.reload()]);
  events.accessChanged({ what: "User deleted", user: account.name }, caller);
}
