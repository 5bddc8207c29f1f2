import type { Permission } from "@berth/protocol";
import type { Rule } from "../core/access/role.ts";
import type { Target } from "../core/access/target.ts";
import type { Caller } from "../core/caller/caller.ts";
import type { Principal } from "../core/caller/principal.ts";

/**
 * Decides what a caller may do. Operations ask it with the object at hand, so that what decides can change without any
 * door; it may have to look something up, so every answer is waited for.
 */
export interface Access {
  /**
   * Throws FORBIDDEN when there is nothing at all to which the caller may do this. Doors ask it before they read a
   * request; it lets nobody do anything.
   */
  enter(caller: Caller, permission: Permission): Promise<void>;
  /** Throws FORBIDDEN unless the caller may do this: to the target, or, without one, to what is going to be its own. */
  demand(caller: Caller, permission: Permission, target?: Target): Promise<void>;
  /** The same as an answer, for where a refusal must not tell that the object is there. */
  allows(caller: Caller, permission: Permission, target: Target): Promise<boolean>;
  /** Whose objects a list may show: one owner's, or, with null, everybody's. Throws FORBIDDEN when nobody's. */
  listed(caller: Caller, permission: Permission): Promise<string | null>;
  /**
   * Throws FORBIDDEN where these rules allow anything that the caller's do not: nobody gives, or takes over, what is not
   * held. Asked beside `demand`, by whatever lets somebody have or use them.
   */
  demandHeld(caller: Caller, permission: Permission, rules: readonly Rule[]): Promise<void>;
  /** Whether this principal keeps the server going: it gets what is held back for whoever ends what others hold. */
  isKeeper: (principal: Principal) => boolean;
}
