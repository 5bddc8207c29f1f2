import { X509Certificate } from "node:crypto";
import { BerthError, operations } from "@berth/protocol";
import type { Caller } from "../../core/caller/caller.ts";
import { certificateHolder } from "../../core/caller/principal.ts";
import { unlockFix } from "../../auth/locks.ts";
import { canonicalSerial } from "../../pki/authority.ts";
import { renewClient } from "../../pki/renew.ts";
import type { Context } from "../context.ts";
import { findCertificate } from "./find-certificate.ts";
import type { Issued } from "./issue-certificate.ts";
import { recordedIssuer } from "./recorded-issuer.ts";
import { withinLife } from "./within-life.ts";

/** Signs the key of a certificate that is still good once more, for the same name. */
export async function renewCertificate(
  context: Context,
  { caller, certificate, ttlMs }: { caller: Caller; certificate: string; ttlMs: number | null },
): Promise<Issued> {
  const issuer = recordedIssuer(context, caller, operations.renewCertificate.permission);
  const serial = serialOf(certificate);
  const { cn } = await findCertificate(context, { caller, serial }, operations.renewCertificate.permission);
  if (context.locks.isLocked(certificateHolder(cn))) {
    throw new BerthError("REQUEST_INVALID", `Cannot renew the certificate: "${cn}" is locked`, {
      fix: unlockFix(certificateHolder(cn)),
    });
  }
  const request = { certificatePem: certificate, ...withinLife(context, caller, { ttlMs }) };
  const issued = await renewClient(issuer, request);
  const change = { what: "Certificate renewed", serial: issued.record.serial, user: cn } as const;
  context.events.accessChanged(change, caller);
  return { ...issued, roots: issuer.ca.roots };
}

function serialOf(pem: string): string {
  try {
    return canonicalSerial(new X509Certificate(pem).serialNumber);
  } catch {
    throw new BerthError("REQUEST_INVALID", "Cannot renew the certificate: it is no certificate in PEM", {
      problems: [{ field: "certificate", message: "must be a certificate in PEM" }],
    });
  }
}
