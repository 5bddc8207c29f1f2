import type { Caller } from "../../core/caller/caller.ts";
import type { Context } from "../context.ts";
import { subjectNamed } from "./rules-of.ts";

/**
 * Whoever something runs as, though it is not here to show a credential: what it may is asked as of anybody who comes in. Throws
 * where there is no such account any more, or it is locked.
 */
export function asOwner(
  context: Pick<Context, "accounts" | "groups">,
  owner: string,
  how: Pick<Caller, "door" | "credential" | "address" | "requestId">,
): Caller {
  const { user, groups, roles } = subjectNamed(context, owner);
  return { principal: context.accounts.holder(user, roles), groups, ...how };
}
