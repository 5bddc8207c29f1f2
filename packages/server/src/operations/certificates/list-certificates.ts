import type { Principal } from "../../core/principal.ts";
import type { CertificatePage } from "../../pki/certificate-registry.ts";
import type { Context } from "../context.ts";
import { authorityOf } from "./authority-of.ts";

export interface ListCertificatesFilter {
  name?: string | undefined;
  limit: number;
  cursor?: string | undefined;
}

/** Clients' certificates, newest first; of oneself only, unless one is an administrator. */
export function listCertificates(
  context: Context,
  { principal, filter }: { principal: Principal; filter: ListCertificatesFilter },
): Promise<CertificatePage> {
  const { name, limit, cursor } = filter;
  const cn = principal.role === "admin" ? name : principal.name;
  if (name !== undefined && cn !== name) return Promise.resolve({ items: [], next: null });
  return authorityOf(context).registry.list({
    kind: "client",
    limit,
    ...(cn !== undefined && { cn }),
    ...(cursor !== undefined && { cursor }),
  });
}
