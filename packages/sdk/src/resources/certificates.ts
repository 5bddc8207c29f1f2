import type { Certificate, CertificateList, IssuedCertificate, LockList } from "@berth/protocol";
import { routes } from "@berth/protocol/routes";
import type { Rest } from "../transport/http.ts";
import {
  asCertificate,
  asCertificateList,
  asIssuedCertificate,
  asLockList,
  asPrincipalLock,
} from "./answers.ts";
import type { SignalOptions } from "./job/job-handle.ts";

/** Clients' certificates for gRPC. The private key never leaves the client: what is sent is a request to sign. */
export class Certificates {
  readonly #rest: Rest;

  constructor(rest: Rest) {
    this.#rest = rest;
  }

  /**
   * Has a PKCS#10 request signed, for oneself or, as an administrator, for `name`. Throws FORBIDDEN, CERTIFICATES_OFF.
   *
   * @param options.ttl as in `24h`, which is the default
   */
  async issue(
    options: SignalOptions & { csr: string; name?: string | undefined; ttl?: string | undefined },
  ): Promise<IssuedCertificate> {
    const { signal, ...body } = options;
    const answer = await this.#rest.json({ route: routes.issueCertificate, body, signal, patienceMs: 0 });
    return asIssuedCertificate(answer, this.#rest.url);
  }

  /** Signs the key of a certificate that is still good once more. */
  async renew(
    options: SignalOptions & { certificate: string; ttl?: string | undefined },
  ): Promise<IssuedCertificate> {
    const { signal, ...body } = options;
    const answer = await this.#rest.json({ route: routes.renewCertificate, body, signal, patienceMs: 0 });
    return asIssuedCertificate(answer, this.#rest.url);
  }

  /** Newest first; one's own, or, as an administrator, everybody's. */
  async list(
    options: SignalOptions & { name?: string | undefined; limit?: number; cursor?: string } = {},
  ): Promise<CertificateList> {
    const { signal, ...query } = options;
    const answer = await this.#rest.json({ route: routes.listCertificates, query, signal });
    return asCertificateList(answer, this.#rest.url);
  }

  /** Who is locked out, by name. Users see themselves only. */
  async locks(options: SignalOptions = {}): Promise<LockList> {
    const answer = await this.#rest.json({ route: routes.listLocks, signal: options.signal });
    return asLockList(answer, this.#rest.url);
  }

  /** Shuts a principal out, whatever its token or certificate, or, with `locked: false`, lets it in again. Administrators only. */
  async lock(
    name: string,
    options: SignalOptions & { locked?: boolean } = {},
  ): Promise<{ name: string; locked: boolean }> {
    const { signal, locked = true } = options;
    const body = { name, locked };
    const answer = await this.#rest.json({ route: routes.lockPrincipal, body, signal });
    return asPrincipalLock(answer, this.#rest.url);
  }

  /** Ends the use of a certificate, now and for ever. */
  async revoke(serial: string, options: SignalOptions = {}): Promise<Certificate> {
    const answer = await this.#rest.json({ route: routes.revokeCertificate, serial, signal: options.signal });
    return asCertificate(answer, this.#rest.url);
  }
}
