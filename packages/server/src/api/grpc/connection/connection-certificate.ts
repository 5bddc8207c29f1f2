import type { ServerInterceptor } from "@grpc/grpc-js";
import type { ShownCertificate } from "../../../pki/revoke.ts";
import { readClientCertificate } from "../client-certificate.ts";
import { http2StreamOf } from "./inside-call.ts";

/** Of each open connection. Never changes while it is open: TLS 1.3 has no second handshake. */
const known = new WeakMap<object, ShownCertificate>();

/** The certificate of a call's connection, read once for each connection. Throws as `readClientCertificate` does. */
export function connectionCertificate(call: Parameters<ServerInterceptor>[1]): ShownCertificate {
  // Without it each call reads its certificate, which is right as well and takes 90 µs instead of none.
  const connection = http2StreamOf(call)?.session;
  const seen = connection ? known.get(connection) : undefined;
  if (seen) return seen;
  const shown = readClientCertificate(call.getAuthContext());
  if (connection) known.set(connection, shown);
  return shown;
}
