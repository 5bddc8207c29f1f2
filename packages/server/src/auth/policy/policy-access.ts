import { BerthError, type Permission } from "@berth/protocol";
import { beyondScope, explain } from "../../core/access/explain.ts";
import { lacking, ruleText } from "../../core/access/lacking.ts";
import type { RoleSet, Subject } from "../../core/access/policy.ts";
import type { Rule } from "../../core/access/role.ts";
import { Scope } from "../../core/access/scope.ts";
import type { Target } from "../../core/access/target.ts";
import type { Caller } from "../../core/caller/caller.ts";
import type { Principal } from "../../core/caller/principal.ts";
import type { Access } from "../access.ts";
import type { Roles } from "../roles.ts";

/** Decides by the roles that somebody has at the moment. */
export function policyAccess(roles: Pick<Roles, "policy">): Access {
  /** A request asks several times. What was found counts for the policy that it was found by. */
  const found = new WeakMap<Caller, { policy: Roles["policy"]; set: RoleSet }>();

  function rolesOf(caller: Caller): RoleSet {
    const { policy } = roles;
    const known = found.get(caller);
    if (known?.policy === policy) return known.set;
    const set = policy.rolesOf(subjectOf(caller));
    found.set(caller, { policy, set });
    return set;
  }

  function isAllowed(caller: Caller, permission: Permission, target?: Target): boolean {
    return isInRoles(caller, permission, target) && isInScope(caller, permission, target);
  }

  function isInRoles(caller: Caller, permission: Permission, target?: Target): boolean {
    return roles.policy.allows(rolesOf(caller), permission, { user: caller.principal.name, target });
  }

  function refused(caller: Caller, permission: Permission, target?: Target): BerthError {
    const answer = explain(roles.policy, { subject: subjectOf(caller), permission, target });
    if (answer.allowed) return beyondCredential(caller, permission, target);
    return new BerthError("FORBIDDEN", `Cannot ${permission.verb} ${permission.resource}: ${answer.missing}`);
  }

  return {
    async enter(caller, permission) {
      const isSome =
        roles.policy.allowsSome(rolesOf(caller), permission) &&
        (scopeOf(caller)?.allowsSome(permission) ?? true);
      if (!isSome) throw refused(caller, permission);
    },
    async demand(caller, permission, target) {
      if (!isAllowed(caller, permission, target)) throw refused(caller, permission, target);
    },
    allows: async (caller, permission, target) => isAllowed(caller, permission, target),
    async listed(caller, permission) {
      const isEverybodys =
        roles.policy.allowsAll(rolesOf(caller), permission) &&
        (scopeOf(caller)?.allowsAll(permission) ?? true);
      if (isEverybodys) return null;
      if (!isAllowed(caller, permission)) throw refused(caller, permission);
      return caller.principal.name;
    },
    async demandHeld(caller, permission, rules) {
      const held = roles.policy.heldRoles(subjectOf(caller)).flatMap(({ role }) => role.rules);
      const lacked = lacking(held, rules) ?? (caller.scope && lacking(caller.scope, rules)) ?? null;
      if (lacked !== null) throw notHeld(caller, permission, lacked);
    },
    isKeeper: (principal) =>
      roles.policy.allowsAll(roles.policy.rolesOf({ ...ofName(principal), groups: [] }), keeping),
  };
}

function notHeld({ principal }: Caller, { verb, resource }: Permission, lacked: Rule): BerthError {
  const rule = `"${ruleText(lacked)}"`;
  const why = `"${principal.name}" does not hold ${rule}, which comes with it`;
  return new BerthError("FORBIDDEN", `Cannot ${verb} ${resource}: ${why}`, {
    fix: `Leave that out, or ask somebody who holds ${rule}: nobody gives, or takes over, what is not held`,
  });
}

function scopeOf({ scope }: Caller): Scope | null {
  return scope === undefined ? null : Scope.of(scope);
}

/** Whether the credential is good for it, whatever its holder may do. */
function isInScope(caller: Caller, permission: Permission, target?: Target): boolean {
  return scopeOf(caller)?.allows(permission, { user: caller.principal.name, target }) ?? true;
}

/** To somebody whose roles allow it. */
function beyondCredential(caller: Caller, permission: Permission, target?: Target): BerthError {
  const { verb, resource } = permission;
  const about = `Cannot ${verb} ${resource}`;
  if (isInScope(caller, permission, target))
    return new BerthError("FORBIDDEN", `${about}: the roles have just changed`, { fix: "Try again" });
  const rule = ruleText({ verbs: [verb], resource, names: [target?.called ?? "*"] });
  return new BerthError("FORBIDDEN", `${about}: ${beyondScope}`, {
    fix: `Use a token whose scope has '${rule}', or one without a scope: see \`berth token create --help\``,
  });
}

/** Whoever may do this is who mends the server when others use it up. */
const keeping: Permission = { resource: "server", verb: "admin" };

function ofName({ name, roles }: Principal): Omit<Subject, "groups"> {
  return { user: name, roles };
}

function subjectOf({ principal, groups }: Caller): Subject {
  return { ...ofName(principal), groups };
}
