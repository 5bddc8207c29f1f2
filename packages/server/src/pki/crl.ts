import "reflect-metadata";
import { Extension, PemConverter, X509CrlGenerator } from "@peculiar/x509";
import {
  type Authority,
  canonicalSerial,
  issuerKeyIdentifier,
  signingOptions,
  wholeSecond,
} from "./authority.ts";
import type { CertificateRecord } from "./certificate-registry.ts";

const crlNumberId = "2.5.29.20";

/**
 * The list of an authority's revoked certificates as PEM, for other programs that check them (`openssl verify
 * -crl_check`, proxies); Berth itself asks its own register. Of `records` only what this authority signed, what is
 * revoked and what has not expired by itself gets in.
 */
export async function createCrl(
  authority: Authority,
  records: readonly CertificateRecord[],
  { now, validForMs = 24 * 3600_000 }: { now: number; validForMs?: number },
): Promise<string> {
  const own = canonicalSerial(authority.certificate.serialNumber);
  const crl = await X509CrlGenerator.create({
    issuer: authority.certificate.subjectName,
    thisUpdate: new Date(wholeSecond(now)),
    nextUpdate: new Date(wholeSecond(now + validForMs)),
    ...signingOptions(authority.key),
    entries: records.flatMap(({ serial, issuer, notAfter, revokedAt }) =>
      revokedAt !== null && issuer === own && notAfter > now
        ? [{ serialNumber: serial, revocationDate: new Date(wholeSecond(revokedAt)) }]
        : [],
    ),
    extensions: [await issuerKeyIdentifier(authority.certificate), crlNumber(now)],
  });
  // The library says "CRL", which OpenSSL does not know.
  return `${PemConverter.encode(crl.rawData, "X509 CRL")}\n`;
}

/** Lists are told apart by a number that grows; the time does. */
function crlNumber(now: number): Extension {
  const digits = BigInt(Math.floor(now)).toString(16);
  const bytes = Buffer.from(digits.length % 2 === 0 ? digits : `0${digits}`, "hex");
  // DER: a first bit of 1 would make it negative.
  const positive = (bytes[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.of(0), bytes]) : bytes;
  return new Extension(crlNumberId, false, Buffer.concat([Buffer.of(2, positive.length), positive]));
}
