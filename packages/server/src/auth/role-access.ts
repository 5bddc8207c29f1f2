import { BerthError, type Permission } from "@berth/protocol";
import type { Caller } from "../core/caller/caller.ts";
import type { Principal } from "../core/caller/principal.ts";
import type { Access, Owned } from "./access.ts";

type Grants = Readonly<Record<Permission["resource"], readonly Permission["verb"][]>>;

/** What each role may do at all; what is not listed is denied. */
const grants: Readonly<Record<Principal["role"], Partial<Grants>>> = {
  admin: {
    jobs: ["create", "read", "update", "delete"],
    uploads: ["create", "read", "update", "delete"],
    certificates: ["create", "read", "update", "delete"],
    engines: ["create", "read", "update", "delete"],
    server: ["create", "read", "update", "delete"],
  },
  user: {
    jobs: ["create", "read", "update", "delete"],
    uploads: ["create", "read", "delete"],
    certificates: ["create", "read", "update"],
    engines: ["read"],
  },
};

/** Users may do what their role allows to what is their own, administrators to everything. */
export const roleAccess: Access = {
  enter: (caller, permission) => roleAccess.demand(caller, permission),
  async demand(caller, permission, object) {
    if (isAllowed(caller, permission, object)) return;
    const { resource, verb } = permission;
    const { name, role } = caller.principal;
    const why =
      object === undefined || object.owner === name
        ? `role "${role}" of "${name}" does not allow it`
        : `"${name}" may do so to its own only`;
    throw new BerthError("FORBIDDEN", `Cannot ${verb} ${resource}: ${why}`);
  },
  allows: async (caller, permission, object) => isAllowed(caller, permission, object),
  async listed(caller, permission) {
    await roleAccess.demand(caller, permission);
    return caller.principal.role === "admin" ? null : caller.principal.name;
  },
};

function isAllowed({ principal }: Caller, { resource, verb }: Permission, object?: Owned): boolean {
  if (grants[principal.role][resource]?.includes(verb) !== true) return false;
  return object === undefined || principal.role === "admin" || object.owner === principal.name;
}
