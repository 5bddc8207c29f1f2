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
  /** The credential that it was made by, its kind and its id; absent where nobody knows. */
  madeBy?: string;
}

export interface CertificateFilter {
  cn?: string;
  kind: CertificateKind;
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

/** Which certificates were issued, and which of them were revoked. */
export interface CertificateStore {
  /** Called before a certificate is handed out, so that none is in use that nobody can revoke. Throws where the serial was issued before, and UNAUTHENTICATED where the token is gone that it was made by. */
  insert(record: CertificateRecord): Promise<void>;
  find(serial: string): Promise<CertificateRecord | null>;
  /** Empty behind a cursor that is no certificate. */
  list(filter: CertificateFilter): Promise<CertificatePage>;
  /** Idempotent: the first time stays. null when no such certificate was issued. */
  revoke(serial: string, at: number): Promise<CertificateRecord | null>;
  /** Clients' certificates that end after this moment and were not revoked: how many, and those that end first. */
  ending(options: { after: number; limit: number }): Promise<{ count: number; items: CertificateRecord[] }>;
  /** Serials of all that were ever revoked, the expired ones too: the clock may be ahead, and be set right a minute later. */
  revoked(): Promise<string[]>;
  /** Drops what expired before this moment, and never a revocation: a clock that is ahead once would undo it for good. */
  forgetExpired(before: number): Promise<void>;
  /** Takes over a register that was kept elsewhere: all or nothing, and only ever more refusals. Safe to repeat. */
  adopt(register: AdoptedRegister): Promise<void>;
}

/** A register of an older version. */
export interface AdoptedRegister {
  records: readonly CertificateRecord[];
  /** Names of locked principals. */
  locked: readonly string[];
  /** Serials of the authorities that have signed in it, all of whose past it knows. */
  authorities: readonly string[];
  at: number;
}

/**
 * Authorities of whose past this store knows everything from a moment on: what they signed before may have been revoked
 * without a trace, where the store was lost.
 */
export interface AuthorityStore {
  list(): Promise<KnownAuthority[]>;
  /** Idempotent: what is known stays. */
  remember(authority: KnownAuthority): Promise<void>;
}

export interface KnownAuthority {
  /** In the spelling of `CertificateRecord.serial`. */
  serial: string;
  /** Epoch ms; 0 where everything is known. */
  trustedFrom: number;
}

/** Principals that are shut out of every door. */
export interface LockStore {
  /** By name. */
  list(): Promise<PrincipalLock[]>;
  /** Idempotent: the first time stays. The principal need not be known by anything yet. */
  lock(lock: PrincipalLock): Promise<void>;
  /** Idempotent. Letter by letter: who is meant by which spellings is known to its caller. */
  unlock(...names: string[]): Promise<void>;
}

export interface PrincipalLock {
  name: string;
  /** Epoch ms. */
  lockedAt: number;
}
