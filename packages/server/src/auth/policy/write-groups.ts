import { BerthError, type Permission } from "@berth/protocol";
import { foldName } from "../../core/access/fold-name.ts";
import type { Caller } from "../../core/caller/caller.ts";
import type { Access } from "../access.ts";

/**
 * Lets nobody change anything who is in none of these groups, whatever else allows it; with no group that is everybody, the
 * administrator too. What one does with one's own login is no change: who comes in, and goes, and chooses a password.
 */
export function withWriteGroups(access: Access, names: readonly string[]): Access {
  const keys = new Set(names.map(foldName));
  const isRefused = ({ groups }: Caller, permission: Permission): boolean =>
    isWrite(permission) && !groups.some((group) => keys.has(foldName(group)));
  const refuse = (caller: Caller, permission: Permission): void => {
    if (isRefused(caller, permission)) throw refusal(caller, permission, keys.size);
  };
  return {
    async enter(caller, permission) {
      refuse(caller, permission);
      await access.enter(caller, permission);
    },
    async demand(caller, permission, target) {
      refuse(caller, permission);
      await access.demand(caller, permission, target);
    },
    allows: async (caller, permission, target) =>
      !isRefused(caller, permission) && access.allows(caller, permission, target),
    async listed(caller, permission) {
      refuse(caller, permission);
      return access.listed(caller, permission);
    },
    async demandHeld(caller, permission, rules) {
      refuse(caller, permission);
      await access.demandHeld(caller, permission, rules);
    },
    isKeeper: (principal) => access.isKeeper(principal),
  };
}

/** Whether this changes anything: what every request but GET asks for, and a call over gRPC that starts, stops or extends. */
export function isWrite({ resource, verb }: Permission): boolean {
  return resource !== "access" && verb !== "read" && verb !== "list";
}

function refusal({ principal }: Caller, { verb, resource }: Permission, groups: number): BerthError {
  const why =
    groups === 0
      ? "BERTH_WRITE_GROUPS names no group, so that nobody may change anything"
      : `"${principal.name}" is in none of the groups that may change something (BERTH_WRITE_GROUPS)`;
  return new BerthError("FORBIDDEN", `Cannot ${verb} ${resource}: ${why}`, {
    fix:
      groups === 0
        ? "Whoever runs the server names groups in BERTH_WRITE_GROUPS, or takes BERTH_WRITE_GROUPS_ENABLED back"
        : `Ask an administrator who may: \`berth group add GROUP ${principal.name}\``,
  });
}
