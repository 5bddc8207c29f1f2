import { BerthError, operations, type Permission } from "@berth/protocol";
import type { Caller } from "../../core/caller/caller.ts";
import type { CertificateRecord } from "../../store/certificate-store.ts";
import type { Context } from "../context.ts";
import { authorityOf } from "./authority-of.ts";

export interface CertificateRequest {
  caller: Caller;
  serial: string;
}

const toSee = operations.listCertificates.permission;

/**
 * The certificate, when it was issued here and the caller may see it; else CERTIFICATE_NOT_FOUND, whichever it was.
 * Throws FORBIDDEN when the caller may see it, and not do this to it.
 */
export async function findCertificate(
  context: Context,
  { caller, serial }: CertificateRequest,
  permission: Permission,
): Promise<CertificateRecord> {
  const record = await authorityOf(context).registry.find(serial);
  if (!record || !(await context.access.allows(caller, toSee, { owner: record.cn }))) {
    throw new BerthError("CERTIFICATE_NOT_FOUND", `Cannot find certificate "${serial}"`);
  }
  await context.access.demand(caller, permission, { owner: record.cn });
  return record;
}
