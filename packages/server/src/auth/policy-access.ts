import { BerthError, type Permission } from "@berth/protocol";
import { explain } from "../core/access/explain.ts";
import type { Policy, RoleSet, Subject } from "../core/access/policy.ts";
import type { Target } from "../core/access/target.ts";
import type { Caller } from "../core/caller/caller.ts";
import type { Principal } from "../core/caller/principal.ts";
import type { Access } from "./access.ts";

/** Decides by roles. */
export function policyAccess(policy: Policy): Access {
  /** A request asks several times. */
  const roleSets = new WeakMap<Caller, RoleSet>();

  function rolesOf(caller: Caller): RoleSet {
    const known = roleSets.get(caller);
    if (known !== undefined) return known;
    const roles = policy.rolesOf(subjectOf(caller));
    roleSets.set(caller, roles);
    return roles;
  }

  function isAllowed(caller: Caller, permission: Permission, target?: Target): boolean {
    return policy.allows(rolesOf(caller), permission, { user: caller.principal.name, target });
  }

  function refused(caller: Caller, permission: Permission, target?: Target): BerthError {
    const answer = explain(policy, { subject: subjectOf(caller), permission, target });
    const why = answer.allowed ? "the roles have just changed" : answer.missing;
    return new BerthError("FORBIDDEN", `Cannot ${permission.verb} ${permission.resource}: ${why}`);
  }

  return {
    async enter(caller, permission) {
      if (!policy.allowsSome(rolesOf(caller), permission)) throw refused(caller, permission);
    },
    async demand(caller, permission, target) {
      if (!isAllowed(caller, permission, target)) throw refused(caller, permission, target);
    },
    allows: async (caller, permission, target) => isAllowed(caller, permission, target),
    async listed(caller, permission) {
      if (policy.allowsAll(rolesOf(caller), permission)) return null;
      if (!isAllowed(caller, permission)) throw refused(caller, permission);
      return caller.principal.name;
    },
    isKeeper: (principal) => policy.allowsAll(policy.rolesOf({ ...ofName(principal), groups: [] }), keeping),
  };
}

/** Whoever may do this is who mends the server when others use it up. */
const keeping: Permission = { resource: "server", verb: "admin" };

function ofName({ name, roles }: Principal): Omit<Subject, "groups"> {
  return { user: name, roles };
}

function subjectOf({ principal, groups }: Caller): Subject {
  return { ...ofName(principal), groups };
}
