import { BerthError, type Permission } from "@berth/protocol";
import { foldName } from "../../core/access/fold-name.ts";
import type { Subject } from "../../core/access/policy.ts";
import type { Target } from "../../core/access/target.ts";
import type { Caller } from "../../core/caller/caller.ts";
import type { Access } from "../access.ts";

/**
 * Lets nobody change anything who is in none of these groups, whatever else allows it; with no group that is everybody, the
 * administrator too. What one does with one's own logins is no change: who comes in, and goes, chooses a password, and ends
 * sessions and tokens of one's own.
 */
export function withWriteGroups(access: Access, names: readonly string[]): Access {
  const why = whyNoWriter(names);
  const refuse = (caller: Caller, permission: Permission, target?: Target): void => {
    const missing = why({ user: caller.principal.name, groups: caller.groups }, permission, target);
    if (missing !== null) throw refusal(caller, permission, { missing, isNobody: names.length === 0 });
  };
  return {
    async enter(caller, permission) {
      // Whose it is, is not known yet.
      if (!isLeaving(permission)) refuse(caller, permission);
      await access.enter(caller, permission);
    },
    async demand(caller, permission, target) {
      refuse(caller, permission, target);
      await access.demand(caller, permission, target);
    },
    allows: async (caller, permission, target) =>
      why({ user: caller.principal.name, groups: caller.groups }, permission, target) === null &&
      access.allows(caller, permission, target),
    async listed(caller, permission) {
      refuse(caller, permission);
      return access.listed(caller, permission);
    },
    async demandHeld(caller, permission, rules) {
      // Whose it is, `demand` was told.
      if (!isLeaving(permission)) refuse(caller, permission);
      await access.demandHeld(caller, permission, rules);
    },
    isKeeper: (principal) => access.isKeeper(principal),
  };
}

/** Whether this changes anything: what every request but GET asks for, and a call over gRPC that starts, stops or extends. */
export function isWrite({ resource, verb, reads }: Permission): boolean {
  return resource !== "access" && reads !== true && verb !== "read" && verb !== "list";
}

/** Why somebody may not do this, to go on after "Cannot VERB RESOURCE: "; null where it may, for all that the groups say. */
export function whyNoWriter(
  names: readonly string[],
): (who: Pick<Subject, "user" | "groups">, permission: Permission, target?: Target) => string | null {
  const keys = new Set(names.map(foldName));
  return ({ user, groups }, permission, target) => {
    if (!isWrite(permission) || groups.some((group) => keys.has(foldName(group)))) return null;
    if (isLeaving(permission) && target?.owner === user) return null;
    return keys.size === 0
      ? "BERTH_WRITE_GROUPS names no group, so that nobody may change anything"
      : `"${user}" is in none of the groups that may change something (BERTH_WRITE_GROUPS)`;
  };
}

/** What ends a way in: of one's own that is as logging out is. */
function isLeaving({ resource, verb }: Permission): boolean {
  return verb === "delete" && (resource === "sessions" || resource === "tokens");
}

function refusal(
  { principal }: Caller,
  { verb, resource }: Permission,
  { missing, isNobody }: { missing: string; isNobody: boolean },
): BerthError {
  return new BerthError("FORBIDDEN", `Cannot ${verb} ${resource}: ${missing}`, {
    fix: isNobody
      ? "Whoever runs the server names groups in BERTH_WRITE_GROUPS, or takes BERTH_WRITE_GROUPS_ENABLED back"
      : `Ask an administrator who may: \`berth group add GROUP ${principal.name}\``,
  });
}
