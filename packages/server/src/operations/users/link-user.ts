import { BerthError, operations } from "@berth/protocol";
import type { Caller } from "../../core/caller/caller.ts";
import type { Identified } from "../../store/account-store.ts";
import { demandKeeper } from "../access/demand-keeper.ts";
import { rulesOfName } from "../access/rules-of.ts";
import type { Context } from "../context.ts";
import { findUser, refuseDeleted, shownAccount, type ShownAccount } from "./find-user.ts";

export interface LinkRequest {
  caller: Caller;
  name: string;
  identity: Identified;
  linked: boolean;
}

/**
 * Says that whom a provider knows by this is this account; or takes it back, which ends the logins by that provider, and what it
 * said of groups where it knows the account by nothing more. Throws USER_NOT_FOUND, NAME_TAKEN.
 */
export async function linkUser(
  context: Context,
  { caller, name, identity, linked }: LinkRequest,
): Promise<ShownAccount & { identities: Identified[] }> {
  const { access, accounts, locks, store, audit, events } = context;
  await access.demand(caller, operations.linkUser.permission, { called: name });
  const account = findUser(accounts, name);
  refuseDeleted(account);
  if (linked)
    await access.demandHeld(caller, operations.linkUser.permission, rulesOfName(context, account.name));
  else await demandKeeper(context, account.name, { caller, permission: operations.unlinkUser.permission });
  const { id } = account;
  const known = await store.accounts.findIdentity(identity);
  if (linked && known !== null && known.id !== id) {
    const whose = `"${identity.provider}" knows "${known.name}" by it`;
    throw new BerthError("NAME_TAKEN", `Cannot link user "${name}": ${whose}`, {
      fix: `Take it away there first: \`berth user unlink ${known.name}\``,
    });
  }
  const about = { linked, provider: identity.provider, subject: identity.subject };
  const record = audit.entry(caller, { ...operations.linkUser.permission, name: account.name, about });
  const recorded = store.audited(record).accounts;
  await (linked ? recorded.link(id, identity) : recorded.unlink(id, identity));
  const identities = await store.accounts.identities(id);
  if (!linked) await endLogins(context, account.name, { caller, provider: identity.provider, identities });
  const what = linked ? "Identity linked" : "Identity unlinked";
  events.accessChanged({ what, user: account.name, provider: identity.provider }, caller);
  return { ...shownAccount(locks, account), identities };
}

/** More than an account has. */
const mostSessions = 200;

async function endLogins(
  { store, audit, sessions, groups }: Context,
  name: string,
  { caller, provider, identities }: { caller: Caller; provider: string; identities: readonly Identified[] },
): Promise<void> {
  const { items } = await store.sessions.list({ principal: name, limit: mostSessions, cursor: null });
  for (const session of items.filter((each) => each.provider === provider)) {
    const about = { user: name, why: "identity unlinked" };
    const ended = audit.entry(caller, { verb: "delete", resource: "sessions", name: session.id, about });
    await store.audited(ended).sessions.delete(session.id);
    sessions.forget(session.id);
  }
  if (identities.some((each) => each.provider === provider)) return;
  const before = groups.membershipsOf(name).filter(({ source }) => source === provider);
  if (before.length === 0) return;
  const changes = [{ field: "groups", before: before.map(({ group }) => group), after: [] }];
  const about = { provider };
  const left = audit.entry(caller, { verb: "update", resource: "users", name, about, changes });
  await store.audited(left).groups.replace(name, provider, []);
  await groups.reload(() => store.groups.memberships());
}
