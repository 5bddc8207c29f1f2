import { isBerthError, type Permission } from "@berth/protocol";
import type { Audit } from "../../audit/audit.ts";
import type { Target } from "../../core/access/target.ts";
import type { Caller } from "../../core/caller/caller.ts";
import type { Access } from "../access.ts";

/** Records what is refused, whatever the door, and whatever the caller is told: of a foreign object that it is not there. */
export function withAudit(access: Access, audit: Pick<Audit, "entry" | "note">): Access {
  function denied(caller: Caller, { verb, resource }: Permission, target?: Target): void {
    const owner = target?.owner;
    const about = owner === undefined ? {} : { about: { owner } };
    audit.note(audit.entry(caller, { verb, resource, name: nameOf(target), outcome: "denied", ...about }));
  }

  async function noting<Value>(
    asked: Promise<Value>,
    about: [caller: Caller, permission: Permission, target?: Target | undefined],
  ): Promise<Value> {
    try {
      return await asked;
    } catch (error) {
      if (isBerthError(error) && error.code === "FORBIDDEN") denied(...about);
      throw error;
    }
  }

  return {
    enter: (caller, permission) => noting(access.enter(caller, permission), [caller, permission]),
    demand: (caller, permission, target) =>
      noting(access.demand(caller, permission, target), [caller, permission, target]),
    async allows(caller, permission, target) {
      const isAllowed = await noting(access.allows(caller, permission, target), [caller, permission, target]);
      // Without an owner the question was not about an object of somebody's.
      const isOwned = target.owner !== undefined && target.owner !== "";
      if (!isAllowed && isOwned && !target.isAside) denied(caller, permission, target);
      return isAllowed;
    },
    listed: (caller, permission) => noting(access.listed(caller, permission), [caller, permission]),
    demandHeld: (caller, permission, rules) =>
      noting(access.demandHeld(caller, permission, rules), [caller, permission]),
    isKeeper: (principal) => access.isKeeper(principal),
  };
}

/** Jobs and others have an id, what is named has a name for rules. */
function nameOf(target: (Target & { id?: unknown }) | undefined): string | null {
  if (target === undefined) return null;
  return typeof target.id === "string" ? target.id : (target.called ?? null);
}
