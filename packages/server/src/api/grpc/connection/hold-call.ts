import type { ServerInterceptor } from "@grpc/grpc-js";
import type { Allowance } from "../../../auth/allowance.ts";
import type { Principal } from "../../../core/caller/principal.ts";
import { http2StreamOf } from "./inside-call.ts";

/** Connections that are counted already. */
const counted = new WeakSet<object>();

/** So long the answer that refuses a connection has for leaving on it. */
const partingMs = 1000;

interface Holder {
  principal: Principal;
  allowance: Allowance;
}

/** Counts a call and its connection towards its principal. Returns how to give the call back. Throws TOO_MANY_OPEN. */
export function holdCall(call: Parameters<ServerInterceptor>[1], holder: Holder): () => void {
  holdConnection(call, holder);
  return holder.allowance.take("calls", holder.principal);
}

function holdConnection(call: object, { principal, allowance }: Holder): void {
  const session = http2StreamOf(call)?.session;
  if (!session || counted.has(session)) return;
  try {
    session.once("close", allowance.take("connections", principal));
    counted.add(session);
  } catch (error) {
    // Tells the client to go when this call has been answered; who stays is cut off.
    setImmediate(() => session.close());
    setTimeout(() => session.destroy(), partingMs).unref();
    throw error;
  }
}
