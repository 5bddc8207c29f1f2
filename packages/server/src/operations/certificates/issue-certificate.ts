import { operations } from "@berth/protocol";
import type { Caller } from "../../core/caller/caller.ts";
import { signClientRequest } from "../../pki/csr.ts";
import type { IssuedCertificate } from "../../pki/issue.ts";
import { rulesOf, rulesOfName } from "../access/rules-of.ts";
import type { Context } from "../context.ts";
import { withinLife } from "./within-life.ts";
import { recordedIssuer } from "./recorded-issuer.ts";

/** A certificate over gRPC, with the roots to know the server by. */
export interface Issued extends IssuedCertificate {
  roots: string;
}

/** Signs a client's own key, for oneself unless another name is given. Throws FORBIDDEN, REQUEST_INVALID. */
export async function issueCertificate(
  context: Context,
  { caller, csr, name, ttlMs }: { caller: Caller; csr: string; name: string | null; ttlMs: number | null },
): Promise<Issued> {
  const cn = name ?? caller.principal.name;
  await context.access.demand(caller, operations.issueCertificate.permission, { owner: cn });
  // A certificate has no scope: by a token that has one, its holder would come by all that the name may do, and who asks for
  // another name by all that this is given later.
  const isOwn = cn === caller.principal.name;
  const comesWith = isOwn ? rulesOfName(context, cn) : rulesOf(context, { roles: ["admin"] });
  if (!isOwn || caller.scope !== undefined)
    await context.access.demandHeld(caller, operations.issueCertificate.permission, comesWith);
  const ttl = withinLife(context, caller, { ttlMs });
  const issuer = recordedIssuer(context, caller, operations.issueCertificate.permission);
  const request = { csrPem: csr, principal: cn, ...ttl };
  const issued = await signClientRequest(issuer, request);
  const { serial } = issued.record;
  context.events.accessChanged({ what: "Certificate issued", serial, user: cn }, caller);
  return { ...issued, roots: issuer.ca.roots };
}
