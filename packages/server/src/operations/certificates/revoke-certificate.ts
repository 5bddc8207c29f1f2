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
  return (await authorityOf(context).revocations.revoke(record.serial)) ?? record;
}
