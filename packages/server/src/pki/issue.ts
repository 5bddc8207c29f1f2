import "reflect-metadata";
import type { webcrypto } from "node:crypto";
import { hostname } from "node:os";
import { BerthError, type Problem } from "@berth/protocol";
import {
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  type Extension,
  KeyUsageFlags,
  KeyUsagesExtension,
  type PublicKey,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509CertificateGenerator,
} from "@peculiar/x509";
import type { Clock } from "../lib/clock.ts";
import type { CertificateKind, CertificateRecord, CertificateStore } from "../store/certificate-store.ts";
import {
  type Authority,
  backdateMs,
  canonicalSerial,
  intermediatesOf,
  issuerKeyIdentifier,
  newSerial,
  pemOf,
  signingOptions,
  wholeSecond,
} from "./authority.ts";
import type { Ca } from "./ca.ts";
import { exportPrivateKey, generateKeys, type KeyType, type PrivateKeyPem } from "./keys.ts";
import { principalProblem } from "../core/access/principal-name.ts";
import { alternativeName, commonName, serverNameProblem } from "./names.ts";

export interface Issuer {
  ca: Ca;
  registry: CertificateStore;
  clock: Clock;
}

export interface IssuedCertificate {
  record: CertificateRecord;
  /** The certificate and what leads to the root, the root left out: what its owner shows. */
  chainPem: string;
}

export interface IssuedPair extends IssuedCertificate {
  key: PrivateKeyPem;
}

export const clientTtlMs = 24 * 3600_000;
export const serverTtlMs = 90 * 24 * 3600_000;
const shortestTtlMs = 60_000;

/** A client's certificate with a new key; the principal is its common name. Throws BerthError REQUEST_INVALID. */
export async function issueClient(
  issuer: Issuer,
  { principal, ttlMs = clientTtlMs, key = "rsa-2048" }: { principal: string; ttlMs?: number; key?: KeyType },
): Promise<IssuedPair> {
  checkLeaf({ principal, ttlMs });
  const { publicKey, privateKey } = await generateKeys(key);
  const issued = await signLeaf(issuer, { kind: "client", cn: principal, publicKey, ttlMs });
  return { ...issued, key: await exportPrivateKey(privateKey) };
}

/** The server's certificate with a new key, for this host's names and those given. Throws BerthError REQUEST_INVALID. */
export async function issueServer(
  issuer: Issuer,
  {
    names = [],
    ttlMs = serverTtlMs,
    key = "rsa-2048",
  }: { names?: readonly string[]; ttlMs?: number; key?: KeyType },
): Promise<IssuedPair> {
  checkTtl(ttlMs);
  const all = serverNames(names);
  const { publicKey, privateKey } = await generateKeys(key);
  const san = new SubjectAlternativeNameExtension(all.map(alternativeName));
  const issued = await signLeaf(issuer, { kind: "server", cn: "berth", publicKey, ttlMs, extensions: [san] });
  return { ...issued, key: await exportPrivateKey(privateKey) };
}

/** Every name that the server's certificate must hold. Throws BerthError REQUEST_INVALID with every wrong one. */
export function serverNames(given: readonly string[]): string[] {
  const problems = given.flatMap((name, index) => {
    const message = serverNameProblem(name);
    return message === null ? [] : [{ field: `names[${index}]`, message }];
  });
  refuse(problems);
  // A host may have a name that no certificate can hold; it is known by others then.
  const own = [hostname()].filter((name) => serverNameProblem(name) === null);
  const all = ["localhost", "127.0.0.1", "::1", ...own, ...given].map((name) => name.toLowerCase());
  return [...new Set(all)];
}

/** Throws BerthError REQUEST_INVALID with every problem at once. */
export function checkLeaf({ principal, ttlMs }: { principal: string; ttlMs: number }): void {
  const message = principalProblem(principal);
  refuse([...(message === null ? [] : [{ field: "principal", message }]), ...ttlProblems(ttlMs)]);
}

export interface Leaf {
  kind: CertificateKind;
  cn: string;
  publicKey: webcrypto.CryptoKey | PublicKey;
  ttlMs: number;
  extensions?: readonly Extension[];
}

/** Signs with the current authority, never beyond its own end, and remembers it before anybody gets it. */
export async function signLeaf({ ca, registry, clock }: Issuer, leaf: Leaf): Promise<IssuedCertificate> {
  const authority = ca.current;
  const now = clock.now();
  const until = authority.certificate.notAfter.getTime();
  if (until <= now) {
    const ended = new Date(until).toISOString();
    throw new BerthError("SETTINGS_INVALID", `Cannot sign a certificate: the authority expired on ${ended}`);
  }
  const record: CertificateRecord = {
    serial: newSerial(),
    cn: leaf.cn,
    kind: leaf.kind,
    issuer: canonicalSerial(authority.certificate.serialNumber),
    notBefore: wholeSecond(now - backdateMs),
    notAfter: wholeSecond(Math.min(now + leaf.ttlMs, until)),
    issuedAt: now,
    revokedAt: null,
  };
  const certificate = await sign(authority, leaf, record);
  await registry.insert(record);
  return { record, chainPem: pemOf([certificate, ...intermediatesOf(authority)]) };
}

async function sign(authority: Authority, leaf: Leaf, record: CertificateRecord) {
  const usage = leaf.kind === "server" ? ExtendedKeyUsage.serverAuth : ExtendedKeyUsage.clientAuth;
  return X509CertificateGenerator.create({
    serialNumber: record.serial,
    subject: commonName(leaf.cn),
    issuer: authority.certificate.subjectName,
    notBefore: new Date(record.notBefore),
    notAfter: new Date(record.notAfter),
    publicKey: leaf.publicKey,
    ...signingOptions(authority.key),
    extensions: [
      new BasicConstraintsExtension(false, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
      new ExtendedKeyUsageExtension([usage]),
      await SubjectKeyIdentifierExtension.create(leaf.publicKey),
      await issuerKeyIdentifier(authority.certificate),
      ...(leaf.extensions ?? []),
    ],
  });
}

function checkTtl(ttlMs: number): void {
  refuse(ttlProblems(ttlMs));
}

function ttlProblems(ttlMs: number): Problem[] {
  const fits = Number.isFinite(ttlMs) && ttlMs >= shortestTtlMs;
  return fits ? [] : [{ field: "ttl", message: "must be a minute or longer" }];
}

function refuse(problems: readonly Problem[]): void {
  if (problems.length === 0) return;
  const what = problems.map(({ field, message }) => `${field} ${message}`).join("; ");
  throw new BerthError("REQUEST_INVALID", `Cannot issue a certificate: ${what}`, { problems });
}
