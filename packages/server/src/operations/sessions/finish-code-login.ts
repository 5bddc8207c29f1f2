import { BerthError } from "@berth/protocol";
import type { SignedIn } from "../../auth/login/sign-in.ts";
import type { Caller } from "../../core/caller/caller.ts";
import type { Context } from "../context.ts";
import { noteRefusedLogin, recordOfLogin } from "./record-of-login.ts";

export interface ReturnFromIssuer {
  /** As whom nobody has proven anything yet. */
  caller: Caller;
  provider: string;
  /** What the issuer sent along. */
  query: URLSearchParams;
  /** What the browser keeps that has begun it. */
  browser: string | null;
  agent: string | null;
}

/**
 * A session in a cookie for whoever comes back from an issuer. Throws LOGIN_NOT_FOUND, UNAUTHENTICATED, IDENTITY_UNAVAILABLE,
 * IDENTITY_NOT_LINKED, FORBIDDEN.
 */
export async function finishCodeLogin(
  context: Context,
  { caller, provider, query, browser, agent }: ReturnFromIssuer,
): Promise<SignedIn & { next: string }> {
  const { codeLogins, signIn, audit, events } = context;
  let name: string | null = null;
  let signedIn: SignedIn & { next: string };
  try {
    const proven = await codeLogins.finish(provider, { query, browser });
    if (proven === null) throw refused(provider);
    name = proven.identity.name;
    const account = await signIn.accountOf(provider, proven.identity);
    const { address } = caller;
    const record = recordOfLogin(audit, caller, provider);
    const begun = await signIn.begin(account, { provider, address, agent, carrier: "cookie", record });
    signedIn = { account, ...begun, next: proven.next };
  } catch (error) {
    noteRefusedLogin(context, caller, { provider, name, error });
    throw error;
  }
  const { session, account } = signedIn;
  events.accessChanged({ what: "Logged in", id: session.id, user: account.name, provider }, caller);
  return signedIn;
}

function refused(provider: string): BerthError {
  return new BerthError("UNAUTHENTICATED", `Cannot log in by "${provider}": it was refused there`, {
    fix: "Begin it anew at `/login`",
  });
}
