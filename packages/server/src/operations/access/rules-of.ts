import type { Subject } from "../../core/access/policy.ts";
import type { Rule } from "../../core/access/role.ts";
import { assumedPrincipal } from "../../core/caller/principal.ts";
import type { Context } from "../context.ts";

/** What somebody may do who has this name, these groups, these roles, or several of them. */
export function rulesOf({ roles }: Pick<Context, "roles">, subject: Partial<Subject>): Rule[] {
  const held = roles.heldBy({ user: "", groups: [], roles: [], ...subject });
  return held.flatMap(({ role }) => role.rules);
}

/** Somebody who is not here to show a credential; without an account taken as if it came by certificate, and `admin` by its token. */
export function subjectNamed(
  { accounts, groups }: Pick<Context, "accounts" | "groups">,
  name: string,
): Subject {
  const account = accounts.find(name);
  const user = account?.name ?? name;
  const isAssumed = account === null || user === "admin";
  return { user, groups: groups.of(user), roles: isAssumed ? assumedPrincipal(user).roles : ["self"] };
}

/** What whoever gets hold of this name may do. */
export function rulesOfName(context: Pick<Context, "roles" | "accounts" | "groups">, name: string): Rule[] {
  return rulesOf(context, subjectNamed(context, name));
}
