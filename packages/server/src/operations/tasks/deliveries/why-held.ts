import { subjectNamed } from "../../access/rules-of.ts";
import type { Context } from "../../context.ts";

/** Why nothing is sent of the jobs of this owner now, who may do nothing either; null where it is. */
export function whyHeld(
  context: Pick<Context, "accounts" | "groups" | "locks">,
  owner: string,
): string | null {
  const { user: name, roles } = subjectNamed(context, owner);
  if (context.locks.isLocked({ name, roles })) return `nothing is sent: the owner of the job is locked`;
  const isDeleted = (context.accounts.find(name)?.deletedAt ?? null) !== null && name !== "admin";
  return isDeleted ? `nothing is sent: the owner of the job is deleted` : null;
}
