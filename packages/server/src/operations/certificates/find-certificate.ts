import { BerthError } from "@berth/protocol";
import type { Principal } from "../../core/principal.ts";
import type { CertificateRecord } from "../../pki/certificate-registry.ts";
import type { Context } from "../context.ts";
import { authorityOf } from "./authority-of.ts";

/** The certificate, when it was issued here and the caller may see it; else CERTIFICATE_NOT_FOUND, whichever it was. */
export async function findCertificate(
  context: Context,
  { principal, serial }: { principal: Principal; serial: string },
): Promise<CertificateRecord> {
  const record = await authorityOf(context).registry.find(serial);
  if (record && (principal.role === "admin" || record.cn === principal.name)) return record;
  throw new BerthError("CERTIFICATE_NOT_FOUND", `Cannot find certificate "${serial}"`);
}
