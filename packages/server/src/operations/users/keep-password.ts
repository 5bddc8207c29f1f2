import { BerthError } from "@berth/protocol";
import type { Account } from "../../store/account-store.ts";
import type { Caller } from "../../core/caller/caller.ts";
import type { Context } from "../context.ts";

/**
 * Stores a password, or that there is none, and ends the account's sessions but the one to be kept. Throws USER_NOT_FOUND where it
 * was deleted meanwhile, UNAUTHENTICATED where its password is another meanwhile than the one that was shown. Returns its hash.
 */
export async function keepPassword(
  { store, audit, accounts, passwords, sessions, events, now }: Context,
  {
    account,
    caller,
    text,
    mustChange,
    keep,
    was = null,
  }: {
    account: Account;
    caller: Caller;
    text: string | null;
    mustChange: boolean;
    keep: string | null;
    /** By what the password is stored that was shown for this; null where none was asked for. */
    was?: string | null;
  },
): Promise<string | null> {
  const who = caller.address ?? "";
  const at = now();
  const hash = text === null ? null : await passwords.hash(text, { who });
  const password = hash === null ? null : { hash, at, mustChange };
  const about = { password: password === null ? "taken away" : "set", mustChange };
  const record = audit.entry(caller, { resource: "users", verb: "update", name: account.name, about });
  const ended = await store.audited(record).accounts.setPassword(account, password, { keep, was });
  if (ended === null) throw overtaken(accounts.find(account.name) ?? account);
  const changed = { passwordAt: password === null ? null : at, mustChange: password !== null && mustChange };
  accounts.note(account, changed);
  for (const session of ended) sessions.forget(session);
  events.accessChanged({ what: "Password changed", user: account.name }, caller);
  return hash;
}

function overtaken({ name, deletedAt }: Account): BerthError {
  if (deletedAt !== null)
    return new BerthError("USER_NOT_FOUND", `Cannot find user "${name}": it is deleted`);
  return new BerthError(
    "UNAUTHENTICATED",
    `Cannot change the password of "${name}": it was changed meanwhile`,
    {
      fix: "Log in again, with the new one",
    },
  );
}
