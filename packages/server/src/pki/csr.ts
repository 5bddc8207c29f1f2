import "reflect-metadata";
import { createPublicKey } from "node:crypto";
import { BerthError } from "@berth/protocol";
import { Pkcs10CertificateRequest } from "@peculiar/x509";
import { checkLeaf, clientTtlMs, type IssuedCertificate, type Issuer, signLeaf } from "./issue.ts";

/** A request of RSA-4096 has 2 KiB; more is no request but a load. */
const longestRequest = 16 * 1024;

/**
 * Signs a client's own key, so that no private key ever travels. Of the request only the key counts, and the proof
 * that the asker has it: the name is `principal`, whatever the request says, and its extensions are left out.
 * Throws BerthError REQUEST_INVALID.
 */
export async function signClientRequest(
  issuer: Issuer,
  { csrPem, principal, ttlMs = clientTtlMs }: { csrPem: string; principal: string; ttlMs?: number },
): Promise<IssuedCertificate> {
  checkLeaf({ principal, ttlMs });
  const { publicKey } = await readRequest(csrPem);
  return signLeaf(issuer, { kind: "client", cn: principal, publicKey, ttlMs });
}

async function readRequest(csrPem: string): Promise<Pkcs10CertificateRequest> {
  if (csrPem.length > longestRequest) throw refused("must be at most 16 KiB");
  const request = parse(csrPem);
  // Before the signature is checked: how long that takes is up to the key.
  const problem = keyProblem(Buffer.from(request.publicKey.rawData));
  if (problem !== null) throw refused(problem);
  const proved = await request.verify().catch(() => false);
  if (!proved) throw refused("must be signed with the key that it names");
  return request;
}

function parse(csrPem: string): Pkcs10CertificateRequest {
  if (!csrPem.includes("-----BEGIN CERTIFICATE REQUEST-----")) {
    throw refused("must be a certificate request in PEM (`-----BEGIN CERTIFICATE REQUEST-----`)");
  }
  try {
    return new Pkcs10CertificateRequest(csrPem);
  } catch (error) {
    throw refused("must be a certificate request in PEM: it cannot be read", error);
  }
}

function keyProblem(spki: Buffer): string | null {
  const wanted = "must hold a key of RSA with 2048 to 4096 bits, or of EC on P-256 or P-384";
  try {
    const key = createPublicKey({ key: spki, type: "spki", format: "der" });
    const { modulusLength = 0, namedCurve = "", publicExponent = 0n } = key.asymmetricKeyDetails ?? {};
    const rsa = modulusLength >= 2048 && modulusLength <= 4096 && publicExponent === 65_537n;
    const ec = ["prime256v1", "secp384r1"].includes(namedCurve);
    return (key.asymmetricKeyType === "rsa" && rsa) || (key.asymmetricKeyType === "ec" && ec) ? null : wanted;
  } catch {
    return wanted;
  }
}

function refused(message: string, cause?: unknown): BerthError {
  const problems = [{ field: "csr", message }];
  return new BerthError("REQUEST_INVALID", `Cannot sign the request: csr ${message}`, { problems, cause });
}
