import type { Permission } from "@berth/protocol";
import type { Caller } from "../core/caller/caller.ts";

/** What is decided on: something that belongs to a principal. */
export interface Owned {
  /** The name of the principal. */
  owner: string;
}

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
  /** Throws FORBIDDEN unless the caller may do this: to this object, or, without one, to what belongs to nobody. */
  demand(caller: Caller, permission: Permission, object?: Owned): Promise<void>;
  /** The same as an answer, for where a refusal must not tell that the object is there. */
  allows(caller: Caller, permission: Permission, object: Owned): Promise<boolean>;
  /** Whose objects a list may show: one owner's, or, with null, everybody's. Throws FORBIDDEN when nobody's. */
  listed(caller: Caller, permission: Permission): Promise<string | null>;
}
