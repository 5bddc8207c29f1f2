import "reflect-metadata";
import { BerthError } from "@berth/protocol";
import {
  BasicConstraintsExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectKeyIdentifierExtension,
  type X509Certificate,
  X509CertificateGenerator,
} from "@peculiar/x509";
import {
  type Authority,
  backdateMs,
  issuerKeyIdentifier,
  newSerial,
  signingOptions,
  wholeSecond,
} from "./authority.ts";
import type { Ca } from "./ca.ts";

/** Both authorities are trusted for this long unless told otherwise: long enough for every client to be reached. */
const defaultOverlapMs = 30 * 24 * 3600_000;

/**
 * Signs with `next` from now on. Until the overlap is over both are trusted, in both directions: certificates of the
 * old authority still log in, and a client that knows only the old root still knows the server, because the old
 * authority signs the new one's key (where it may: an authority that a company adopted for us may sign no other).
 * Throws BerthError SETTINGS_INVALID while an overlap lasts, unless forced: only the authority just before signs the new
 * one's key, and a client that knows only the root before that would be shut out.
 */
export async function rotateCa(
  ca: Ca,
  next: Authority,
  { now, overlapMs = defaultOverlapMs, force = false }: { now: number; overlapMs?: number; force?: boolean },
): Promise<void> {
  if (ca.overlapEnd !== null && !force) {
    const end = new Date(ca.overlapEnd).toISOString();
    throw new BerthError(
      "SETTINGS_INVALID",
      `Cannot rotate the authority: the one before it is trusted until ${end}, and clients that have only its ca.crt ` +
        "would not know the server any more; wait until then, or add --force",
    );
  }
  const trustedUntil = Math.min(now + overlapMs, ca.current.certificate.notAfter.getTime());
  const cross = maySignAuthority(ca.current) && next.chain.length === 0;
  await ca.replace(
    cross ? { ...next, cross: await crossSign(ca.current, next, { now, trustedUntil }) } : next,
    { trustedUntil },
  );
}

function maySignAuthority({ certificate, chain }: Authority): boolean {
  return chain.length === 0 && (certificate.getExtension(BasicConstraintsExtension)?.pathLength ?? 1) >= 1;
}

async function crossSign(
  old: Authority,
  { certificate }: Authority,
  { now, trustedUntil }: { now: number; trustedUntil: number },
): Promise<X509Certificate> {
  return X509CertificateGenerator.create({
    serialNumber: newSerial(),
    subject: certificate.subjectName,
    issuer: old.certificate.subjectName,
    notBefore: new Date(wholeSecond(now - backdateMs)),
    notAfter: new Date(wholeSecond(trustedUntil)),
    publicKey: certificate.publicKey,
    ...signingOptions(old.key),
    extensions: [
      new BasicConstraintsExtension(true, 0, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
      await SubjectKeyIdentifierExtension.create(certificate.publicKey),
      await issuerKeyIdentifier(old.certificate),
    ],
  });
}
