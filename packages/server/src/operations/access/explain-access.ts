import { type Explanation, operations, type Permission } from "@berth/protocol";
import { explain } from "../../core/access/explain.ts";
import { Scope } from "../../core/access/scope.ts";
import type { Subject } from "../../core/access/policy.ts";
import type { Target } from "../../core/access/target.ts";
import type { Caller } from "../../core/caller/caller.ts";
import type { Context } from "../context.ts";
import { settingFor } from "../server/may-use-engine.ts";
import { subjectNamed } from "./rules-of.ts";

export interface AccessQuestion {
  caller: Caller;
  permission: Permission;
  /** Null: whoever asks. Others without an account are taken as if they came by certificate, and `admin` by its token. */
  principal: string | null;
  owner: string | undefined;
  name: string | undefined;
}

/** Whether something is allowed, and by what. Decides nothing. Throws FORBIDDEN for others than oneself. */
export async function explainAccess(
  context: Context,
  { caller, permission, principal, owner, name }: AccessQuestion,
): Promise<Explanation> {
  const { access, roles } = context;
  const user = principal ?? caller.principal.name;
  await access.demand(caller, operations.explainAccess.permission, { owner: user });
  const isSelf = user === caller.principal.name;
  const subject = isSelf
    ? { user, groups: caller.groups, roles: caller.principal.roles }
    : subjectNamed(context, user);
  const isNew = owner === undefined && name === undefined;
  const target = { ...(owner !== undefined && { owner }), ...(name !== undefined && { called: name }) };
  const scope = isSelf && caller.scope !== undefined ? Scope.of(caller.scope) : null;
  const answer = explain(roles.policy, { subject, permission, target: isNew ? undefined : target, scope });
  // A setting gives it to everybody who may submit at all.
  const setting = permission.verb === "execute" ? settingFor(context.policy, { ...permission, name }) : null;
  const isGiven = answer.allowed || setting !== null;
  const bound = isGiven ? whatBounds(context, { caller, subject, permission, target, isNew }) : null;
  if (bound !== null) return { allowed: false, because: [], missing: bound };
  const bySetting = setting === null ? {} : { setting };
  if (!answer.allowed)
    return setting === null
      ? { allowed: false, because: [], missing: answer.missing }
      : { allowed: true, because: [], missing: null, setting };
  const because = answer.because.map(({ role, rule, via }) => ({
    role,
    rule: { ...rule, names: [...rule.names], verbs: [...rule.verbs] },
    via: [...via],
  }));
  return { allowed: true, because, missing: null, ...bySetting };
}

function whatBounds(
  { bounds }: Pick<Context, "bounds">,
  {
    caller,
    subject,
    permission,
    target,
    isNew,
  }: { caller: Caller; subject: Subject; permission: Permission; target: Target; isNew: boolean },
): string | null {
  if (
    caller.mustChangePassword === true &&
    subject.user === caller.principal.name &&
    permission.resource !== "access"
  )
    return `the password of "${subject.user}" was chosen by somebody else, and another must be chosen first`;
  return bounds(subject, permission, isNew ? { owner: subject.user } : target);
}
