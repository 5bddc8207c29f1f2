import { X509Certificate } from "node:crypto";

/** Each spelling of a certificate that OpenSSL reads (PEM_STRING_X509, _OLD and _TRUSTED). */
const BEGIN = /-----BEGIN (?:X509 |TRUSTED )?CERTIFICATE-----/g;
const BLOCK = /-----BEGIN ((?:X509 |TRUSTED )?CERTIFICATE)-----[^-]*-----END \1-----/g;

/**
 * The certificates of a file in one spelling, as plain PEM: who builds on the text need not know the others. null when
 * there is none, or one of them cannot be read: an authority must not be left out without a word.
 */
export function readAuthoritiesPem(pem: string): string | null {
  const blocks = pem.match(BLOCK) ?? [];
  if (blocks.length === 0 || blocks.length !== pem.match(BEGIN)?.length) return null;
  try {
    return blocks.map((block) => new X509Certificate(block).toString()).join("");
  } catch {
    return null;
  }
}
