import { BerthError, type Permission } from "@berth/protocol";
import type { Principal } from "../core/principal.ts";

/**
 * What each role may do at all; what is not listed is denied. Which jobs of others a principal may see is
 * decided with the job at hand (`core/access.ts`).
 */
const GRANTS: Readonly<
  Record<Principal["role"], Partial<Record<Permission["resource"], readonly Permission["verb"][]>>>
> = {
  admin: {
    jobs: ["create", "read", "update", "delete"],
    certificates: ["create", "read", "update", "delete"],
    engines: ["create", "read", "update", "delete"],
    server: ["create", "read", "update", "delete"],
  },
  user: {
    jobs: ["create", "read", "update", "delete"],
    // Their own: whose is decided with the certificate at hand.
    certificates: ["create", "read", "update"],
    engines: ["read"],
  },
};

/** Throws FORBIDDEN unless the principal's role allows it. */
export function authorize(principal: Principal, { resource, verb }: Permission): void {
  if (GRANTS[principal.role][resource]?.includes(verb)) return;
  throw new BerthError(
    "FORBIDDEN",
    `Cannot ${verb} ${resource}: role "${principal.role}" of "${principal.name}" does not allow it`,
  );
}
