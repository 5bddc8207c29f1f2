import { BerthError } from "@berth/protocol";
import type { Revocations } from "../../../pki/revoke.ts";
import type { Shown } from "../connection/connection-certificate.ts";
import { TrustedIssuers } from "./trusted-issuers.ts";

export interface AcceptanceOptions {
  revocations: Revocations;
  /** Who may have signed a client's certificate, as PEM. */
  clientCas: string;
  /** Common names that no certificate may have. */
  reserved: readonly string[];
}

/** Which certificates let their clients in, with every call anew: a connection outlives the check at its beginning. */
export class Acceptance {
  readonly #revocations: Revocations;
  readonly #reserved: readonly string[];
  readonly #issuers: TrustedIssuers;

  constructor({ revocations, clientCas, reserved }: AcceptanceOptions) {
    this.#revocations = revocations;
    this.#reserved = reserved;
    this.#issuers = new TrustedIssuers(clientCas);
  }

  /** Throws CERTIFICATE_REFUSED. */
  check({ certificate, chain }: Shown): void {
    this.#revocations.check(certificate);
    const { cn } = certificate;
    if (this.#reserved.includes(cn)) {
      throw refusedCertificate(cn, "that name is the server's own, and BERTH_GRPC_BIND does not bind it");
    }
    if (chain.length > 0 && !this.#issuers.trust(chain)) {
      throw refusedCertificate(cn, "its authority is not trusted any more");
    }
  }

  /** Other authorities are trusted from now on. */
  trust(clientCas: string): void {
    this.#issuers.replace(clientCas);
  }
}

export function refusedCertificate(cn: string, why: string, fix?: string): BerthError {
  const message = `Cannot accept the certificate of "${cn}": ${why}`;
  return new BerthError("CERTIFICATE_REFUSED", message, fix === undefined ? {} : { fix });
}
