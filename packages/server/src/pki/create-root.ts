import "reflect-metadata";
import {
  BasicConstraintsExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectKeyIdentifierExtension,
  X509CertificateGenerator,
} from "@peculiar/x509";
import { type Authority, backdateMs, newSerial, signingOptions, wholeSecond } from "./authority.ts";
import { exportPrivateKey, generateKeys, type KeyType } from "./keys.ts";
import { commonName } from "./names.ts";

const tenYearsMs = 3652 * 24 * 3600_000;

/**
 * Makes an authority of Berth's own: RSA-4096, ten years. Two of them never have the same name: a verifier that looks
 * an issuer up by its name would take the wrong one.
 */
export async function createRoot({
  now,
  key = "rsa-4096",
}: {
  now: number;
  key?: KeyType;
}): Promise<Authority> {
  const { publicKey, privateKey } = await generateKeys(key);
  const serialNumber = newSerial();
  const name = commonName(`Berth CA ${serialNumber.slice(0, 8)}`);
  const certificate = await X509CertificateGenerator.create({
    serialNumber,
    subject: name,
    issuer: name,
    notBefore: new Date(wholeSecond(now - backdateMs)),
    notAfter: new Date(wholeSecond(now + tenYearsMs)),
    publicKey,
    ...signingOptions(privateKey),
    extensions: [
      // One authority below: the next root, signed by this one while the two overlap.
      new BasicConstraintsExtension(true, 1, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
      await SubjectKeyIdentifierExtension.create(publicKey),
    ],
  });
  const keyPem = await exportPrivateKey(privateKey);
  return { certificate, chain: [], crosses: [], keyPem, key: privateKey };
}
