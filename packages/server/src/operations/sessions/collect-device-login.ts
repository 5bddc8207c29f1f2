import type { SignedIn } from "../../auth/login/sign-in.ts";
import type { Caller } from "../../core/caller/caller.ts";
import type { Context } from "../context.ts";
import { noteRefusedLogin, recordOfLogin } from "./record-of-login.ts";

/**
 * A session for whoever has proven at an issuer who it is; null while that is not decided. Throws LOGIN_NOT_FOUND,
 * UNAUTHENTICATED, IDENTITY_UNAVAILABLE, IDENTITY_NOT_LINKED, FORBIDDEN.
 */
export async function collectDeviceLogin(
  context: Context,
  { caller, id, agent }: { caller: Caller; id: string; agent: string | null },
): Promise<SignedIn | null> {
  const { deviceLogins, signIn, audit, events } = context;
  const provider = deviceLogins.providerOf(id);
  let name: string | null = null;
  let signedIn: SignedIn;
  try {
    const proven = deviceLogins.collect(id);
    if (proven === null) return null;
    name = proven.identity.name;
    const account = await signIn.accountOf(proven.provider, proven.identity);
    const { address } = caller;
    const record = recordOfLogin(audit, caller, proven.provider);
    const begun = await signIn.begin(account, { provider: proven.provider, address, agent, record });
    signedIn = { account, ...begun };
  } catch (error) {
    noteRefusedLogin(context, caller, { provider, name, error });
    throw error;
  }
  const { session, account } = signedIn;
  events.accessChanged(
    { what: "Logged in", id: session.id, user: account.name, provider: session.provider },
    caller,
  );
  return signedIn;
}
