import { BerthError, type Permission } from "@berth/protocol";
import type { Caller } from "../../core/caller/caller.ts";
import type { Access } from "../access.ts";

/** Lets nobody do anything but see who it is and choose a password, whose password was chosen by somebody else. */
export function withPasswordChange(access: Access): Access {
  return {
    async enter(caller, permission) {
      refuse(caller, permission);
      await access.enter(caller, permission);
    },
    async demand(caller, permission, target) {
      refuse(caller, permission);
      await access.demand(caller, permission, target);
    },
    async allows(caller, permission, target) {
      refuse(caller, permission);
      return access.allows(caller, permission, target);
    },
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

function refuse({ mustChangePassword, principal }: Caller, { resource }: Permission): void {
  if (mustChangePassword !== true || resource === "access") return;
  throw new BerthError(
    "PASSWORD_EXPIRED",
    `Cannot go on: the password of "${principal.name}" was chosen by somebody else, and holds for choosing another only`,
  );
}
