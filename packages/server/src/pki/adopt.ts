import "reflect-metadata";
import { createPublicKey } from "node:crypto";
import { BerthError } from "@berth/protocol";
import {
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  X509Certificate,
} from "@peculiar/x509";
import type { Authority } from "./authority.ts";
import { importPrivateKey, parsePrivateKey, type PrivateKeyPem } from "./keys.ts";

const nameConstraints = "2.5.29.30";
/** More than this is no chain but a bundle of roots. */
const longestChain = 10;

export interface AdoptedFiles {
  /** The authority's certificate, PEM. */
  certificate: string;
  /** Its private key, PEM without a passphrase. */
  key: PrivateKeyPem;
  /** PEM of the authorities above it, in any order, up to the root. */
  chain: string;
}

/**
 * Makes an authority of one that a company has signed, after looking at everything that a verifier will look at.
 * Throws BerthError SETTINGS_INVALID with every reason why it will not do.
 */
export async function adoptAuthority(files: AdoptedFiles, { now }: { now: number }): Promise<Authority> {
  const [certificate, ...more] = readCertificates("the certificate", files.certificate);
  if (!certificate) throw refused(["the certificate's file holds none"]);
  const above = [...more, ...readCertificates("the chain", files.chain)];
  const { chain, problems } = await orderChain(certificate, above);
  problems.push(
    ...[certificate, ...chain].flatMap((one, below) => authorityProblems(one, { now, below })),
    ...usageProblems(certificate),
    ...keyProblems(certificate, files.key),
  );
  if (problems.length > 0) throw refused(problems);
  return { certificate, chain, crosses: [], keyPem: files.key, key: await importPrivateKey(files.key) };
}

function readCertificates(what: string, pem: string): X509Certificate[] {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g) ?? [];
  if (blocks.length > longestChain) throw refused([`${what} holds more than ${longestChain} certificates`]);
  try {
    return blocks.map((block) => new X509Certificate(block));
  } catch {
    throw refused([`${what} holds something that is no certificate in PEM`]);
  }
}

/** From the issuer of `certificate` up to a root that signed itself. */
async function orderChain(
  certificate: X509Certificate,
  above: readonly X509Certificate[],
): Promise<{ chain: X509Certificate[]; problems: string[] }> {
  const chain: X509Certificate[] = [];
  let lowest = certificate;
  while (!(await signed(lowest, lowest))) {
    const issuer = await findIssuer(lowest, above);
    if (!issuer || chain.length >= longestChain) {
      return { chain, problems: [`the chain lacks "${lowest.issuer}", which signed "${lowest.subject}"`] };
    }
    chain.push(issuer);
    lowest = issuer;
  }
  return { chain, problems: [] };
}

async function findIssuer(
  certificate: X509Certificate,
  above: readonly X509Certificate[],
): Promise<X509Certificate | undefined> {
  for (const candidate of above) if (await signed(certificate, candidate)) return candidate;
  return undefined;
}

async function signed(certificate: X509Certificate, issuer: X509Certificate): Promise<boolean> {
  if (certificate.issuer !== issuer.subject) return false;
  return certificate.verify({ publicKey: issuer.publicKey, signatureOnly: true }).catch(() => false);
}

/** Why this certificate may not stand where it stands, with `below` authorities between it and what is issued. */
function authorityProblems(
  certificate: X509Certificate,
  { now, below }: { now: number; below: number },
): string[] {
  const { subject, notBefore, notAfter } = certificate;
  const problems: string[] = [];
  const constraints = certificate.getExtension(BasicConstraintsExtension);
  const usages = certificate.getExtension(KeyUsagesExtension)?.usages;
  if (constraints?.ca !== true) problems.push(`"${subject}" is no authority (basicConstraints CA)`);
  if (usages !== undefined && (usages & KeyUsageFlags.keyCertSign) === 0) {
    problems.push(`"${subject}" may not sign certificates (keyUsage keyCertSign)`);
  }
  if (constraints?.pathLength !== undefined && constraints.pathLength < below) {
    problems.push(
      `"${subject}" allows ${constraints.pathLength} authorities below itself, and there are ${below}`,
    );
  }
  // A server's certificate always names localhost, its loopback addresses and this host, and no client would take it.
  if (certificate.getExtension(nameConstraints)) {
    problems.push(
      `"${subject}" limits the names below itself, which this server's need not fit (nameConstraints)`,
    );
  }
  if (notAfter.getTime() <= now) problems.push(`"${subject}" expired on ${notAfter.toISOString()}`);
  if (notBefore.getTime() > now) problems.push(`"${subject}" is valid from ${notBefore.toISOString()}`);
  return problems;
}

/** An authority that names extended usages lends its own only these. */
function usageProblems(certificate: X509Certificate): string[] {
  const usages = certificate.getExtension(ExtendedKeyUsageExtension)?.usages;
  if (usages === undefined) return [];
  const needed = [ExtendedKeyUsage.serverAuth, ExtendedKeyUsage.clientAuth];
  return needed.every((one) => usages.includes(one))
    ? []
    : [`"${certificate.subject}" may not sign for both servers and clients (extendedKeyUsage)`];
}

function keyProblems(certificate: X509Certificate, key: PrivateKeyPem): string[] {
  try {
    const spki = createPublicKey(parsePrivateKey(key)).export({ type: "spki", format: "der" });
    const same = spki.equals(Buffer.from(certificate.publicKey.rawData));
    return same ? [] : [`the key is not that of "${certificate.subject}"`];
  } catch (error) {
    return [`the key cannot be used: ${error instanceof Error ? error.message : String(error)}`];
  }
}

function refused(problems: readonly string[]): BerthError {
  return new BerthError("SETTINGS_INVALID", `Cannot adopt the authority: ${problems.join("; ")}`);
}
