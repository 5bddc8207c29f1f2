import "reflect-metadata";
import { X509Certificate } from "node:crypto";
// A certificate told in the old way loads a part of TLS: where that is the first part, Node's HTTPS is broken from then on.
import "node:tls";
import { type JsonNameParams, Name, X509CertificateGenerator } from "@peculiar/x509";
import { describe, expect, it } from "vitest";
import { generateKeys } from "../../pki/keys.ts";
import { readClientCertificate } from "./client-certificate.ts";

const notBefore = new Date("2026-01-02T03:04:05Z");
const notAfter = new Date("2049-01-02T03:04:05Z");

/** A certificate as a connection shows it, of an authority that puts any name into it. */
async function shown(name: JsonNameParams): Promise<Parameters<typeof readClientCertificate>[0]> {
  const keys = await generateKeys("ec-p256");
  const signingAlgorithm = { name: "ECDSA", hash: "SHA-256" };
  const certificate = await X509CertificateGenerator.createSelfSigned({
    serialNumber: "00ab01",
    name: new Name(name).toJSON(),
    notBefore,
    notAfter,
    keys,
    signingAlgorithm,
  });
  return { sslPeerCertificate: new X509Certificate(certificate.toString("pem")).toLegacyObject() };
}

describe("a client's certificate", () => {
  it("says who calls, until when, and which certificate it is", async () => {
    expect(readClientCertificate(await shown([{ O: ["Company"] }, { CN: ["client1"] }]))).toEqual({
      cn: "client1",
      issuerName: "client1",
      serial: "ab01",
      notBefore: notBefore.getTime(),
      notAfter: notAfter.getTime(),
    });
  });

  it.each<[string, JsonNameParams]>([
    ["no common name", [{ O: ["client1"] }]],
    ["two common names", [{ CN: ["client1"] }, { CN: ["admin"] }]],
    ["an empty common name", [{ CN: [""] }]],
    ["a line break in its common name", [{ CN: ["client1\nadmin"] }]],
    ["a NUL in its common name", [{ CN: ["admin\0"] }]],
    ["a space after its common name", [{ CN: [{ utf8String: "admin " }] }]],
  ])("is refused with %s", async (_what, name) => {
    const context = await shown(name);
    expect(() => readClientCertificate(context)).toThrow(
      expect.objectContaining({ code: "CERTIFICATE_REFUSED" }) as Error,
    );
  });

  it("is missed where there is none", () => {
    expect(() => readClientCertificate({})).toThrow(/without a client certificate/);
  });
});
