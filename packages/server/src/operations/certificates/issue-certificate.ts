import { BerthError } from "@berth/protocol";
import type { Principal } from "../../core/principal.ts";
import { signClientRequest } from "../../pki/csr.ts";
import type { IssuedCertificate } from "../../pki/issue.ts";
import type { Context } from "../context.ts";
import { authorityOf } from "./authority-of.ts";

/** A certificate over gRPC, with the roots to know the server by. */
export interface Issued extends IssuedCertificate {
  roots: string;
}

/** Signs a client's own key for oneself, or, as an administrator, for anybody. Throws FORBIDDEN, REQUEST_INVALID. */
export async function issueCertificate(
  context: Context,
  {
    principal,
    csr,
    name,
    ttlMs,
  }: { principal: Principal; csr: string; name: string | null; ttlMs: number | null },
): Promise<Issued> {
  const issuer = authorityOf(context);
  const cn = name ?? principal.name;
  if (cn !== principal.name && principal.role !== "admin") {
    throw new BerthError(
      "FORBIDDEN",
      `Cannot issue a certificate for "${cn}": "${principal.name}" may get its own only`,
    );
  }
  const request = { csrPem: csr, principal: cn, ...(ttlMs !== null && { ttlMs }) };
  return { ...(await signClientRequest(issuer, request)), roots: issuer.ca.roots };
}
