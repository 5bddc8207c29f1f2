import type { Carrier, SignedIn } from "../../auth/login/sign-in.ts";
import type { Caller } from "../../core/caller/caller.ts";
import type { Context } from "../context.ts";
import { noteRefusedLogin, recordOfLogin } from "./record-of-login.ts";

export interface LogInRequest {
  /** As whom nobody has proven anything yet. */
  caller: Caller;
  provider: string;
  name: string;
  password: string;
  agent: string | null;
  /** Default: a header. */
  carrier?: Carrier;
}

/** A session for whoever proves who it is. Throws UNAUTHENTICATED, TOO_MANY_ATTEMPTS, IDENTITY_UNAVAILABLE and others. */
export async function logIn(context: Context, { caller, ...shown }: LogInRequest): Promise<SignedIn> {
  const { signIn, accounts, audit, events } = context;
  const { address } = caller;
  const { provider, name } = shown;
  const record = recordOfLogin(audit, caller, provider);
  let signedIn: SignedIn;
  try {
    signedIn = await signIn.byPassword({ ...shown, address, record });
  } catch (error) {
    // What nobody is called may be a password, typed in the wrong place.
    const called = accounts.find(name)?.name ?? null;
    const more = called === null ? { name: "unknown" } : {};
    noteRefusedLogin(context, caller, { provider, name: called, error, more });
    throw error;
  }
  const { session, account } = signedIn;
  events.accessChanged({ what: "Logged in", id: session.id, user: account.name, provider }, caller);
  return signedIn;
}
