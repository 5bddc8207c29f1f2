import { operations } from "@berth/protocol";
import type { Caller } from "../../core/caller/caller.ts";
import type { CertificatePage } from "../../store/certificate-store.ts";
import type { Context } from "../context.ts";
import { authorityOf } from "./authority-of.ts";

export interface ListCertificatesFilter {
  name?: string | undefined;
  limit: number;
  cursor?: string | undefined;
}

/** Clients' certificates, newest first; of those that the caller may see. */
export async function listCertificates(
  context: Context,
  { caller, filter }: { caller: Caller; filter: ListCertificatesFilter },
): Promise<CertificatePage> {
  const { name, limit, cursor } = filter;
  const owner = await context.access.listed(caller, operations.listCertificates.permission);
  const cn = owner ?? name;
  if (name !== undefined && cn !== name) return { items: [], next: null };
  return authorityOf(context).registry.list({
    kind: "client",
    limit,
    ...(cn !== undefined && { cn }),
    ...(cursor !== undefined && { cursor }),
  });
}
