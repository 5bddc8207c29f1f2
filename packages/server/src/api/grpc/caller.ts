import { randomUUID } from "node:crypto";
import type { ServerUnaryCall } from "@grpc/grpc-js";
import type { Principal } from "../../core/principal.ts";

export type AuthContext = ReturnType<ServerUnaryCall<unknown, unknown>["getAuthContext"]>;

/** Who makes a call, and for how long it may last. */
export interface Caller {
  principal: Principal;
  /**
   * Aborts when the client has gone, its deadline is over or the call is complete; when the certificate is refused
   * from now on; and when the server shuts down.
   */
  signal: AbortSignal;
  /** Aborts a moment earlier when the server shuts down: who only waits can still be answered. */
  closing: AbortSignal;
  /** Names the call in the log and to the client. */
  requestId: string;
}

/** What came through the guard; nothing else can be a caller. */
const callers = new WeakMap<AuthContext, Caller>();

export function admit(
  auth: AuthContext,
  caller: { principal: Principal; signal: AbortSignal; closing: AbortSignal },
): void {
  callers.set(auth, { ...caller, requestId: randomUUID() });
}

/** The caller of a guarded call. */
export function callerOf(call: { getAuthContext(): AuthContext }): Caller {
  const caller = callers.get(call.getAuthContext());
  if (!caller) throw new Error("Cannot name the caller: the call did not come through the guard");
  return caller;
}
