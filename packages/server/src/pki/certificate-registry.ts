/** What a certificate is for. Its own kind is all it may do: a server's certificate does not log in. */
export type CertificateKind = "server" | "client";

/** A certificate that was issued. Times in epoch milliseconds, whole seconds as certificates have them. */
export interface CertificateRecord {
  /** 32 hexadecimal digits in lower case. */
  serial: string;
  /** The common name: of a client's certificate, the principal. */
  cn: string;
  kind: CertificateKind;
  /** Serial of the authority that signed it. */
  issuer: string;
  notBefore: number;
  notAfter: number;
  issuedAt: number;
  /** null while it may be used. */
  revokedAt: number | null;
}

export interface CertificateFilter {
  cn?: string;
  kind?: CertificateKind;
  /** `next` of the page before. */
  cursor?: string;
  /** At most this many. Default 50. */
  limit?: number;
}

export interface CertificatePage {
  /** Newest first. */
  items: CertificateRecord[];
  /** Where to go on; null when this was all. */
  next: string | null;
}

/** All that may not be used: what a server holds in memory to ask with every call. */
export interface RefusedCertificates {
  /** All that were ever revoked, whatever the clock says. */
  serials: readonly string[];
  /** Principals whose every certificate is refused. */
  locked: readonly string[];
}

/**
 * Remembers which certificates were issued, which of them were revoked, and which principals are locked. What a call
 * has promised is on the disk before it resolves. Throws BerthError STORAGE_FAILED when it cannot be.
 */
export interface CertificateRegistry extends AsyncDisposable {
  /** Called before a certificate is handed out, so that none is in use that nobody can revoke. */
  insert(record: CertificateRecord): Promise<void>;
  find(serial: string): Promise<CertificateRecord | null>;
  list(filter?: CertificateFilter): Promise<CertificatePage>;
  /** Idempotent: the first time stays. null when no such certificate was issued. */
  revoke(serial: string, at: number): Promise<CertificateRecord | null>;
  /** Idempotent. The principal need not have a certificate yet. */
  setLocked(principal: string, locked: boolean): Promise<void>;
  refused(): Promise<RefusedCertificates>;
}
