import { policyAccess } from "../../src/auth/policy-access.ts";
import { builtInRoles } from "../../src/core/access/built-in-roles.ts";
import { Policy } from "../../src/core/access/policy.ts";

/** Decides by the roles that are always there. */
export const builtInAccess = policyAccess(new Policy({ roles: builtInRoles }));
