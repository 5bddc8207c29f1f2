import type { ServerUnaryCall } from "@grpc/grpc-js";
import type { Caller } from "../../core/caller/caller.ts";

export type AuthContext = ReturnType<ServerUnaryCall<unknown, unknown>["getAuthContext"]>;

/** A call that came through the guard: who makes it, and for how long it may last. */
export interface AdmittedCall {
  caller: Caller;
  /**
   * Aborts when the client has gone, its deadline is over or the call is complete; when the certificate is refused
   * from now on; and when the server shuts down.
   */
  signal: AbortSignal;
  /** Aborts a moment earlier when the server shuts down: who only waits can still be answered. */
  closing: AbortSignal;
}

/** What came through the guard; nothing else is served. */
const admitted = new WeakMap<AuthContext, AdmittedCall>();

export function admit(auth: AuthContext, call: AdmittedCall): void {
  admitted.set(auth, call);
}

/** What the guard has found out about a call. */
export function admittedCall(call: { getAuthContext(): AuthContext }): AdmittedCall {
  const known = admitted.get(call.getAuthContext());
  if (!known) throw new Error("Cannot name the caller: the call did not come through the guard");
  return known;
}
