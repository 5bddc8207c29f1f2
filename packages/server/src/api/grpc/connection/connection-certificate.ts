import type { X509Certificate } from "node:crypto";
import type { TLSSocket } from "node:tls";
import type { ServerInterceptor } from "@grpc/grpc-js";
import type { ShownCertificate } from "../../../pki/revoke.ts";
import { readClientCertificate } from "../client-certificate.ts";
import { http2StreamOf } from "./inside-call.ts";

/** What a client showed when it connected. */
export interface Shown {
  certificate: ShownCertificate;
  /** The certificate and those that it was checked by. Empty where they cannot be had. */
  chain: readonly X509Certificate[];
}

/** Of each open connection. Never changes while it is open: TLS 1.3 has no second handshake. */
const known = new WeakMap<object, Shown>();

/** The certificate of a call's connection, read once for each connection. Throws as `readClientCertificate` does. */
export function connectionCertificate(call: Parameters<ServerInterceptor>[1]): Shown {
  // Without it each call reads its certificate, which is right as well and takes 90 µs instead of none.
  const connection = http2StreamOf(call)?.session;
  const seen = connection ? known.get(connection) : undefined;
  if (seen) return seen;
  const certificate = readClientCertificate(call.getAuthContext());
  const shown = { certificate, chain: connection ? chainOf(connection.socket as TLSSocket) : [] };
  if (connection) known.set(connection, shown);
  return shown;
}

function chainOf(socket: TLSSocket): X509Certificate[] {
  const chain: X509Certificate[] = [];
  let next = socket.getPeerX509Certificate();
  while (next && !chain.some(({ raw }) => raw.equals(next?.raw ?? Buffer.alloc(0)))) {
    chain.push(next);
    next = next.issuerCertificate;
  }
  return chain;
}
