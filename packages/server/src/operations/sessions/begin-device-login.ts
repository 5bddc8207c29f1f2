import type { BegunDeviceLogin } from "../../auth/providers/oidc/device-logins.ts";
import type { Caller } from "../../core/caller/caller.ts";
import type { Context } from "../context.ts";
import { noteRefusedLogin } from "./record-of-login.ts";

/** Begins a login that goes on at an issuer. Throws REQUEST_INVALID, TOO_MANY_ATTEMPTS, IDENTITY_UNAVAILABLE. */
export async function beginDeviceLogin(
  context: Context,
  { caller, provider }: { caller: Caller; provider: string },
): Promise<BegunDeviceLogin> {
  try {
    return await context.deviceLogins.begin(provider, caller);
  } catch (error) {
    noteRefusedLogin(context, caller, { provider, name: null, error });
    throw error;
  }
}
