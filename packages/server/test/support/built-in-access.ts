import { policyAccess } from "../../src/auth/policy/policy-access.ts";
import { Roles } from "../../src/auth/roles.ts";
import { builtInRoles } from "../../src/core/access/built-in-roles.ts";

/** Decides by the roles that are always there. */
export const builtInAccess = policyAccess(new Roles(builtInRoles));
