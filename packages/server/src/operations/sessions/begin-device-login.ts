import type { BegunDeviceLogin } from "../../auth/providers/oidc/device-logins.ts";
import type { Caller } from "../../core/caller/caller.ts";
import type { Context } from "../context.ts";

/** Begins a login that goes on at an issuer. Throws REQUEST_INVALID, TOO_MANY_ATTEMPTS, IDENTITY_UNAVAILABLE. */
export async function beginDeviceLogin(
  { deviceLogins }: Context,
  { caller, provider }: { caller: Caller; provider: string },
): Promise<BegunDeviceLogin> {
  return await deviceLogins.begin(provider, caller);
}
