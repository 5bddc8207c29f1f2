import { operations } from "@berth/protocol";
import type { CertificateRecord } from "../../store/certificate-store.ts";
import type { Context } from "../context.ts";
import { authorityOf } from "./authority-of.ts";
import { type CertificateRequest, findCertificate } from "./find-certificate.ts";

/** Ends the use of a certificate, now and for ever: calls that are open with it end too. Idempotent. */
export async function revokeCertificate(
  context: Context,
  request: CertificateRequest,
): Promise<CertificateRecord> {
  const record = await findCertificate(context, request, operations.revokeCertificate.permission);
  const { serial, cn: user } = record;
  const revoked = await authorityOf(context).revocations.revoke(serial);
  const change = { what: "Certificate revoked", serial, user } as const;
  if (record.revokedAt === null) context.events.accessChanged(change, request.caller);
  return revoked ?? record;
}
