import { X509Certificate } from "node:crypto";

const certificate = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/**
 * Why a text is no list of certificates (PEM); null where it is one. Words of people may stand beside them, as tools write such;
 * a key may not. It reads each of them: of what was stored it need not be asked again.
 */
export function whyNoCertificates(text: string): string | null {
  const found = text.match(certificate) ?? [];
  const others = text.replaceAll(certificate, "").includes("-----BEGIN");
  return found.length > 0 && !others && found.every(isCertificate)
    ? null
    : "must be certificates as PEM, and nothing else";
}

function isCertificate(pem: string): boolean {
  try {
    return new X509Certificate(pem).raw.length > 0;
  } catch {
    return false;
  }
}
