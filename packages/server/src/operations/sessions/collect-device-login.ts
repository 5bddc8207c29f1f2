import type { SignedIn } from "../../auth/login/sign-in.ts";
import type { Caller } from "../../core/caller/caller.ts";
import type { Context } from "../context.ts";
import { recordOfLogin } from "./record-of-login.ts";

/**
 * A session for whoever has proven at an issuer who it is; null while that is not decided. Throws LOGIN_NOT_FOUND,
 * UNAUTHENTICATED, IDENTITY_UNAVAILABLE, IDENTITY_NOT_LINKED, FORBIDDEN.
 */
export async function collectDeviceLogin(
  { deviceLogins, signIn, audit, events }: Context,
  { caller, id, agent }: { caller: Caller; id: string; agent: string | null },
): Promise<SignedIn | null> {
  const proven = deviceLogins.collect(id);
  if (proven === null) return null;
  const { provider, identity } = proven;
  const account = await signIn.accountOf(provider, identity);
  const { address } = caller;
  const record = recordOfLogin(audit, caller, provider);
  const signedIn = { account, ...(await signIn.begin(account, { provider, address, agent, record })) };
  events.accessChanged({ what: "Logged in", id: signedIn.session.id, user: account.name, provider }, caller);
  return signedIn;
}
