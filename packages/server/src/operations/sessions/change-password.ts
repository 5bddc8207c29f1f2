import { BerthError, isBerthError, operations } from "@berth/protocol";
import { passwordProblem } from "../../auth/passwords/rules.ts";
import type { Caller } from "../../core/caller/caller.ts";
import type { Account } from "../../store/account-store.ts";
import type { Context } from "../context.ts";
import { keepPassword } from "../users/keep-password.ts";
import { recordOfLogin } from "./record-of-login.ts";

/**
 * Chooses another password for oneself, and ends all sessions but this one. The current one is asked for whatever the
 * credential: whoever has stolen that shall not keep the account. A session in a cookie ends as well, and another one begins,
 * whose text is `renewed`: by a copy of the cookie nobody goes on. Throws UNAUTHENTICATED, REQUEST_INVALID.
 */
export async function changePassword(
  context: Context,
  {
    caller,
    current,
    password,
    agent,
  }: { caller: Caller; current: string; password: string; agent: string | null },
): Promise<{ renewed: string | null }> {
  const { access, accounts, store } = context;
  const { name } = caller.principal;
  await access.demand(caller, operations.changePassword.permission, { owner: name });
  const was = await passwordBefore(context, { caller, current });
  const account = accounts.find(name);
  if (account === null) throw new BerthError("USER_NOT_FOUND", `Cannot find user "${name}"`);
  const message = password === current ? "must be another one" : passwordProblem(password, account.name);
  if (message !== null) {
    const problems = [{ field: "password", message }];
    throw new BerthError("REQUEST_INVALID", `Cannot choose this password: it ${message}`, { problems });
  }
  const { kind, id } = caller.credential;
  const session = kind === "session" ? await store.sessions.find(id) : null;
  const inCookie = session !== null && session.turn !== null ? session : null;
  const keep = inCookie === null ? (session?.id ?? null) : null;
  const hash = await keepPassword(context, { account, caller, text: password, mustChange: false, keep, was });
  if (inCookie === null) return { renewed: null };
  return {
    renewed: await beginAnother(context, { caller, account, provider: inCookie.provider, hash, agent }),
  };
}

/** Its text owes nothing to the one of the session before, which somebody may have read. */
async function beginAnother(
  { signIn, audit }: Context,
  {
    caller,
    account,
    provider,
    hash,
    agent,
  }: { caller: Caller; account: Account; provider: string; hash: string | null; agent: string | null },
): Promise<string> {
  const client = { provider, address: caller.address, agent, carrier: "cookie" } as const;
  const record = recordOfLogin(audit, caller, provider);
  return (await signIn.begin(account, { ...client, record, password: hash })).text;
}

/** The hash of the current password, which the caller has to know; who does not is recorded. */
async function passwordBefore(
  { audit, signIn }: Context,
  { caller, current }: { caller: Caller; current: string },
): Promise<string | null> {
  const { principal, address } = caller;
  try {
    return (await signIn.checkOwn({ name: principal.name, password: current, address })).was;
  } catch (error) {
    const code = isBerthError(error) ? error.code : "INTERNAL";
    const refused = { resource: "users", verb: "update", name: principal.name, outcome: "denied" } as const;
    audit.note(audit.entry(caller, { ...refused, about: { code } }));
    throw error;
  }
}
