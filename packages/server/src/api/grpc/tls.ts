import type { SecureContextOptions, TlsOptions } from "node:tls";
import { ServerCredentials } from "@grpc/grpc-js";
import type { ServerCredentialsSource } from "../../pki/credentials/server-credentials.ts";
import { trustAnchors } from "./trust-anchors.ts";

/** TLS 1.3 with the suite that every implementation of it must have, and nothing else. */
const versions: SecureContextOptions = {
  minVersion: "TLSv1.3",
  maxVersion: "TLSv1.3",
  ciphers: "TLS_AES_128_GCM_SHA256",
};

/** A connection that has not finished its handshake by then is closed. */
const handshakeTimeout = 20_000;

/**
 * Credentials for `bindAsync`: mutual TLS, a client without a certificate that `clientCas` signed gets no connection.
 * When the source changes, the next connection gets the new certificates; those that are open stay. Dispose of it
 * after the server has closed.
 */
export class MutualTlsCredentials extends ServerCredentials implements Disposable {
  readonly #ignoreSource: () => void;

  constructor(source: ServerCredentialsSource) {
    const connection: TlsOptions = { requestCert: true, rejectUnauthorized: true, handshakeTimeout };
    super(connection, contextOf(source));
    this.#ignoreSource = source.onChange(() => this.updateSecureContextOptions(contextOf(source)));
  }

  _equals(other: ServerCredentials): boolean {
    return this === other;
  }

  [Symbol.dispose](): void {
    this.#ignoreSource();
  }
}

function contextOf({ current }: ServerCredentialsSource): SecureContextOptions {
  const { key, chain, clientCas } = current;
  return {
    // With every context: what a new one does not say, falls back to the defaults.
    ...versions,
    key: key.reveal(),
    cert: chain,
    ca: trustAnchors(clientCas),
  };
}
