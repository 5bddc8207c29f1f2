import "reflect-metadata";
import { webcrypto } from "node:crypto";
import { PemConverter, Pkcs10CertificateRequestGenerator } from "@peculiar/x509";

/** A new key, and the request to have it signed. */
export interface KeyAndRequest {
  /** PEM; never leaves this machine. */
  key: string;
  csr: string;
}

const rsa = {
  name: "RSASSA-PKCS1-v1_5",
  hash: "SHA-256",
  modulusLength: 2048,
  publicExponent: new Uint8Array([1, 0, 1]),
};
const ec = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };

/** RSA 2048 unless `ec`. The server gives the certificate its name: what the request says does not count. */
export async function makeRequest(options: { ec: boolean }): Promise<KeyAndRequest> {
  const algorithm = options.ec ? ec : rsa;
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  const request = await Pkcs10CertificateRequestGenerator.create({
    name: [{ CN: ["berth"] }],
    keys,
    signingAlgorithm: algorithm,
  });
  const pkcs8 = await webcrypto.subtle.exportKey("pkcs8", keys.privateKey);
  return {
    key: `${PemConverter.encode(pkcs8, "PRIVATE KEY")}\n`,
    csr: `${PemConverter.encode(request.rawData, "CERTIFICATE REQUEST")}\n`,
  };
}
