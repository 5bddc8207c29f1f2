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
 * Each authority that is still trusted signs the new one's key, so that a rotation within an overlap shuts nobody out
 * either; it is refused unless forced all the same, because the chain that the server sends grows with each.
 * Throws BerthError SETTINGS_INVALID.
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
      `Cannot rotate the authority: the one before it is trusted until ${end}, and a third makes the chain that ` +
        "every client gets longer; wait until then, or add --force",
    );
  }
  const trustedUntil = Math.min(now + overlapMs, ca.current.certificate.notAfter.getTime());
  const before = [{ authority: ca.current, trustedUntil }, ...ca.previous].toReversed();
  const signers = before.filter(({ authority }) => maySignAuthority(authority) && next.chain.length === 0);
  const crosses = signers.map(({ authority, trustedUntil: until }) =>
    crossSign(authority, next, { now, trustedUntil: until }),
  );
  await ca.replace({ ...next, crosses: await Promise.all(crosses) }, { trustedUntil });
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
