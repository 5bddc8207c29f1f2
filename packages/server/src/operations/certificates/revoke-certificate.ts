import { operations } from "@berth/protocol";
import type { CertificateRecord } from "../../store/certificate-store.ts";
import { demandKeeper } from "../access/demand-keeper.ts";
import type { Context } from "../context.ts";
import { authorityOf } from "./authority-of.ts";
import { type CertificateRequest, findCertificate } from "./find-certificate.ts";

/** Ends the use of a certificate, now and for ever: calls that are open with it end too. Idempotent. */
export async function revokeCertificate(
  context: Context,
  request: CertificateRequest,
): Promise<CertificateRecord> {
  const { permission } = operations.revokeCertificate;
  const record = await findCertificate(context, request, permission);
  const { serial, cn: user } = record;
  await demandKeeper(context, user, { caller: request.caller, permission });
  const { store, audit, events } = context;
  const audited = { ...permission, name: serial, about: { owner: user } };
  // Once is enough: nothing comes of revoking it again.
  const isChange = record.revokedAt === null;
  const { certificates: registry } = isChange ? store.audited(audit.entry(request.caller, audited)) : store;
  const revoked = await authorityOf(context).revocations.revoke(serial, { registry });
  const change = { what: "Certificate revoked", serial, user } as const;
  if (isChange) events.accessChanged(change, request.caller);
  return revoked ?? record;
}
