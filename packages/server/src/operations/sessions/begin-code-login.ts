import type { CodeLoginStart } from "../../auth/providers/oidc/code-logins.ts";
import type { Caller } from "../../core/caller/caller.ts";
import type { Context } from "../context.ts";
import { noteRefusedLogin } from "./record-of-login.ts";

/** The page of an issuer where a browser goes on with its login. Throws LOGIN_NOT_FOUND, TOO_MANY_ATTEMPTS, IDENTITY_UNAVAILABLE. */
export async function beginCodeLogin(
  context: Context,
  { caller, provider, ...start }: { caller: Caller; provider: string } & Omit<CodeLoginStart, "address">,
): Promise<string> {
  try {
    return await context.codeLogins.begin(provider, { ...start, address: caller.address });
  } catch (error) {
    noteRefusedLogin(context, caller, { provider, name: null, error });
    throw error;
  }
}
