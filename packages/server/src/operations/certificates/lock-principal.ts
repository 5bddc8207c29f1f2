import { BerthError, operations } from "@berth/protocol";
import type { Caller } from "../../core/caller/caller.ts";
import { principalProblem } from "../../core/access/principal-name.ts";
import { demandKeeper } from "../access/demand-keeper.ts";
import { rulesOfName } from "../access/rules-of.ts";
import type { Context } from "../context.ts";
import { lockedAs } from "./locked-as.ts";
import { refuseDeleted } from "../users/find-user.ts";

/**
 * Shuts a principal out of every door, whatever its token or certificate, those to come included, and ends its streams,
 * waits and calls that are open; or lets it in again. Idempotent. Throws REQUEST_INVALID for a name that no
 * certificate can have: locking it would shut nobody out. Unlocking such a name stays possible: older versions accepted the lock.
 */
export async function lockPrincipal(
  context: Context,
  { caller, name, locked }: { caller: Caller; name: string; locked: boolean },
): Promise<{ name: string; locked: boolean }> {
  await context.access.demand(caller, operations.lockPrincipal.permission, { owner: name });
  const message = locked ? principalProblem(name) : null;
  if (message !== null) {
    const problems = [{ field: "name", message }];
    throw new BerthError("REQUEST_INVALID", `Cannot lock "${name}": the name ${message}`, { problems });
  }
  const { access, store, audit, locks, accounts, events, now } = context;
  const account = accounts.find(name);
  if (!locked && account !== null) refuseDeleted(account);
  const { permission } = operations.lockPrincipal;
  if (locked) await demandKeeper(context, name, { caller, permission });
  else await access.demandHeld(caller, permission, rulesOfName(context, name));
  const record = audit.entry(caller, { ...permission, name, about: { locked } });
  const recorded = store.audited(record).locks;
  // As the account is written, so that a deletion and a restore meet the same lock.
  const written = account?.name ?? name;
  await (locked
    ? recorded.lock({ name: written, lockedAt: now() })
    : recorded.unlock(...(await lockedAs(store, name))));
  const isChange = locks.set(name, locked);
  const what = locked ? "Principal locked" : "Principal unlocked";
  if (isChange) events.accessChanged({ what, user: name }, caller);
  return { name, locked };
}
