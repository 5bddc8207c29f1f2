import type { Account } from "../../store/account-store.ts";
import type { Caller } from "../../core/caller/caller.ts";
import type { Context } from "../context.ts";

/** Stores a password, or that there is none, and ends the account's sessions but the one to be kept. */
export async function keepPassword(
  { store, audit, accounts, passwords, sessions, events, now }: Context,
  {
    account,
    caller,
    text,
    mustChange,
    keep,
  }: { account: Account; caller: Caller; text: string | null; mustChange: boolean; keep: string | null },
): Promise<void> {
  const who = caller.address ?? "";
  const at = now();
  const hash = text === null ? null : await passwords.hash(text, { who });
  const password = hash === null ? null : { hash, at, mustChange };
  const about = { password: password === null ? "taken away" : "set", mustChange };
  const record = audit.entry(caller, { resource: "users", verb: "update", name: account.name, about });
  const ended = (await store.audited(record).accounts.setPassword(account, password, { keep })) ?? [];
  const changed = { passwordAt: password === null ? null : at, mustChange: password !== null && mustChange };
  accounts.put({ ...account, ...changed });
  for (const session of ended) sessions.forget(session);
  events.accessChanged({ what: "Password changed", user: account.name }, caller);
}
