import "reflect-metadata";
import { randomBytes, type webcrypto } from "node:crypto";
import {
  AuthorityKeyIdentifierExtension,
  type Extension,
  PemConverter,
  SubjectKeyIdentifierExtension,
  type X509Certificate,
} from "@peculiar/x509";
import { signingAlgorithm, type PrivateKeyPem } from "./keys.ts";

/** A certificate that signs others, with its key. */
export interface Authority {
  certificate: X509Certificate;
  /** From the one that signed `certificate` up to a root. Empty when `certificate` is a root. */
  chain: readonly X509Certificate[];
  /**
   * `certificate`'s key once more, signed by each authority before it that is still trusted, the oldest first: who knows
   * only one of those can follow.
   */
  crosses: readonly X509Certificate[];
  /** As it is stored. */
  keyPem: PrivateKeyPem;
  /** The same key, ready to sign with. */
  key: webcrypto.CryptoKey;
}

/** Certificates are valid from a little before now: the clocks of two hosts differ. */
export const backdateMs = 5 * 60_000;

/** 128 bits; the first two are fixed, so that it is positive and has 32 digits in every notation. */
export function newSerial(): string {
  const bytes = randomBytes(16);
  bytes[0] = ((bytes[0] ?? 0) & 0x3f) | 0x40;
  return bytes.toString("hex");
}

/** One spelling for serial numbers, whoever wrote them. */
export function canonicalSerial(serial: string): string {
  return serial.toLowerCase().replace(/^0+(?=.)/, "");
}

/** Certificates hold whole seconds. */
export function wholeSecond(ms: number): number {
  return Math.floor(ms / 1000) * 1000;
}

export function pemOf(certificates: readonly X509Certificate[]): string {
  return certificates.map((one) => `${PemConverter.encode(one.rawData, "CERTIFICATE")}\n`).join("");
}

/**
 * What a server sends beside its own certificate: all that leads to a root but the root itself. Verifiers that try one way
 * only take the first: the oldest root is the one that every client has, whenever it got its roots.
 */
export function intermediatesOf({ certificate, chain, crosses }: Authority): X509Certificate[] {
  const path = chain.length > 0 ? [certificate, ...chain.slice(0, -1)] : [];
  return [...path, ...crosses];
}

/** What a client must trust to know a server of this authority. */
export function rootOf({ certificate, chain }: Authority): X509Certificate {
  return chain.at(-1) ?? certificate;
}

export function signingOptions(key: webcrypto.CryptoKey): {
  signingKey: webcrypto.CryptoKey;
  signingAlgorithm: { name: string; hash: string };
} {
  return { signingKey: key, signingAlgorithm: signingAlgorithm(key) };
}

/** Says whose key signed: by the identifier that the authority's own certificate gives its key. */
export async function issuerKeyIdentifier(certificate: X509Certificate): Promise<Extension> {
  const own = certificate.getExtension(SubjectKeyIdentifierExtension);
  return own
    ? new AuthorityKeyIdentifierExtension(own.keyId)
    : AuthorityKeyIdentifierExtension.create(certificate.publicKey);
}
