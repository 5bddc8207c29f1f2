/** `X509_AUX` in DER: trusted for extendedKeyUsage clientAuth (1.3.6.1.5.5.7.3.2). */
const trustedForClients = Buffer.from("300c300a06082b06010505070302", "hex");

/**
 * Marks each certificate as one to trust by itself, in OpenSSL's own format (`openssl x509 -trustout -addtrust
 * clientAuth`). An authority below a company's root can then be trusted without the root, and so without all the others
 * that the root has signed. A TLS server of Node has no option for that: `allowPartialTrustChain` reaches clients only.
 * A list, also of none: an empty text would mean all public authorities to Node.
 */
export function trustAnchors(pem: string): string[] {
  const bodies = pem.matchAll(/-----BEGIN CERTIFICATE-----([^-]*)-----END CERTIFICATE-----/g);
  return [...bodies].map(([, body = ""]) => trustedCertificate(Buffer.from(body, "base64")));
}

function trustedCertificate(der: Buffer): string {
  const text = Buffer.concat([der, trustedForClients]).toString("base64");
  const lines = text.replace(/.{64}(?=.)/g, "$&\n");
  return `-----BEGIN TRUSTED CERTIFICATE-----\n${lines}\n-----END TRUSTED CERTIFICATE-----\n`;
}
