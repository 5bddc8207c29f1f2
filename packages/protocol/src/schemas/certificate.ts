import { z } from "zod";
import { durationProblem, parseDuration } from "../units.ts";
import {
  certificateExample,
  issueCertificateExample,
  issuedCertificateExample,
  renewCertificateExample,
} from "./examples.ts";

const ttl = z
  .string()
  .max(32)
  .refine((text) => parseDuration(text) !== null, {
    error: ({ input }) => durationProblem(String(input), "24h"),
  })
  .optional()
  .meta({ description: "How long it is valid; default `24h`" });
const pem = (what: string, max: number) =>
  z
    .string()
    .max(max)
    .startsWith("-----BEGIN ", { error: `must be ${what} in PEM` });

export const certificate = z
  .object({
    serial: z.string(),
    name: z.string().meta({ description: "The common name: the principal" }),
    kind: z.enum(["client", "server"]),
    notBefore: z.iso.datetime(),
    notAfter: z.iso.datetime(),
    issuedAt: z.iso.datetime(),
    revokedAt: z.iso.datetime().nullable(),
  })
  .meta({ id: "Certificate", examples: [certificateExample] });

/** What a client needs to come in: its chain and the roots to know the server by. The key never left the client. */
export const issuedCertificate = z
  .object({
    ...certificate.shape,
    certificate: z
      .string()
      .meta({ description: "PEM: the certificate and what leads to the root; `client.crt`" }),
    ca: z.string().meta({ description: "PEM: the roots to know the server by; `ca.crt`" }),
  })
  .meta({ id: "IssuedCertificate", examples: [issuedCertificateExample] });

export const certificateList = z
  .object({ items: z.array(certificate), next: z.string().nullable() })
  .meta({ id: "CertificateList", examples: [{ items: [certificateExample], next: null }] });

export const issueCertificateBody = z
  .strictObject({
    csr: pem("a certificate signing request", 16 * 1024).meta({
      description: "PKCS#10, PEM: its key is signed, nothing else of it counts",
    }),
    name: z
      .string()
      .max(64)
      .optional()
      .meta({ description: "The principal; default is oneself. Others: administrators" }),
    ttl,
  })
  .meta({ examples: [issueCertificateExample] });
export const renewCertificateBody = z
  .strictObject({
    certificate: pem("a certificate", 64 * 1024).meta({
      description: "One that is still good; its key is signed again",
    }),
    ttl,
  })
  .meta({ examples: [renewCertificateExample] });
export const lockPrincipalBody = z
  .strictObject({
    name: z
      .string()
      .min(1)
      .max(64)
      .meta({ description: "The principal: the common name of its certificates" }),
    locked: z.boolean().meta({ description: "true shuts it out, false lets it in again" }),
  })
  .meta({ examples: [{ name: "nobody", locked: false }] });
export const principalLock = z
  .object({ name: z.string(), locked: z.boolean() })
  .meta({ id: "PrincipalLock", examples: [{ name: "ann", locked: true }] });
export const lockList = z
  .object({
    items: z.array(
      z.object({ name: z.string().meta({ description: "The principal" }), lockedAt: z.iso.datetime() }),
    ),
  })
  .meta({
    id: "LockList",
    examples: [{ items: [{ name: "ann", lockedAt: "2026-01-31T10:00:00.000Z" }] }],
  });
export const listCertificatesQuery = z.strictObject({
  name: z.string().max(64).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z.string().max(512).optional(),
});

export type Certificate = z.infer<typeof certificate>;
export type IssuedCertificate = z.infer<typeof issuedCertificate>;
export type CertificateList = z.infer<typeof certificateList>;
export type LockList = z.infer<typeof lockList>;
