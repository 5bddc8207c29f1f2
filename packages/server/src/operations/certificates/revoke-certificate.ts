import type { Principal } from "../../core/principal.ts";
import type { CertificateRecord } from "../../pki/certificate-registry.ts";
import type { Context } from "../context.ts";
import { authorityOf } from "./authority-of.ts";
import { findCertificate } from "./find-certificate.ts";

/** Ends the use of a certificate, now and for ever: calls that are open with it end too. Idempotent. */
export async function revokeCertificate(
  context: Context,
  request: { principal: Principal; serial: string },
): Promise<CertificateRecord> {
  const { serial } = await findCertificate(context, request);
  return (await authorityOf(context).revocations.revoke(serial)) ?? (await findCertificate(context, request));
}
