import "reflect-metadata";
import { BerthError } from "@berth/protocol";
import { X509Certificate } from "@peculiar/x509";
import type { CertificateRecord } from "../store/certificate-store.ts";
import { canonicalSerial } from "./authority.ts";
import { clientTtlMs, type IssuedCertificate, type Issuer, signLeaf } from "./issue.ts";

/** Epoch ms from which a certificate should be replaced: after two thirds of its life. */
export function renewalDueAt({
  notBefore,
  notAfter,
}: Pick<CertificateRecord, "notBefore" | "notAfter">): number {
  return notBefore + Math.floor(((notAfter - notBefore) * 2) / 3);
}

/**
 * Signs a client's key once more, for the same principal, so that the client keeps its key. Only for a certificate that
 * is still good: an expired or revoked one proves nothing. Throws BerthError REQUEST_INVALID.
 */
export async function renewClient(
  issuer: Issuer,
  { certificatePem, ttlMs = clientTtlMs }: { certificatePem: string; ttlMs?: number },
): Promise<IssuedCertificate> {
  const { certificate, record } = await findIssued(issuer, certificatePem);
  const { publicKey } = certificate;
  return signLeaf(issuer, { kind: "client", cn: record.cn, publicKey, ttlMs });
}

async function findIssued({ registry, clock, ca }: Issuer, pem: string) {
  const certificate = parse(pem);
  const ours = await Promise.all(
    ca.trusted.map((authority) =>
      certificate
        .verify({ publicKey: authority.certificate.publicKey, signatureOnly: true })
        .catch(() => false),
    ),
  );
  const record = ours.includes(true) ? await registry.find(canonicalSerial(certificate.serialNumber)) : null;
  if (record === null) throw refused("no trusted authority of this server issued it");
  if (record.kind !== "client") throw refused("it is not a client's");
  if (record.revokedAt !== null) throw refused("it was revoked");
  if (record.notAfter <= clock.now()) throw refused("it has expired; ask for a new one");
  return { certificate, record };
}

function parse(pem: string): X509Certificate {
  if (pem.length > 64 * 1024) throw refused("it is longer than 64 KiB");
  try {
    return new X509Certificate(pem);
  } catch {
    throw refused("it is no certificate in PEM");
  }
}

function refused(why: string): BerthError {
  return new BerthError("REQUEST_INVALID", `Cannot renew the certificate: ${why}`);
}
