import type { Permission } from "@berth/protocol";
import type { HeldRole, Policy, Subject, Via } from "./policy.ts";
import type { Rule } from "./role.ts";
import type { Scope } from "./scope.ts";
import type { Target } from "./target.ts";

/** One rule that says yes, and how whoever asks has come by it. */
interface Reason {
  role: string;
  rule: Rule;
  via: readonly Via[];
}

export type Explanation =
  | { allowed: true; because: readonly Reason[] }
  /** `missing` goes on after "Cannot VERB RESOURCE: ". */
  | { allowed: false; missing: string };

/** Why something is denied that the roles allow. */
export const beyondScope = "the scope of the token does not allow it";

/** The answer of `Policy.allows` with its reasons. Reads the rules one after the other: for people, not for each request. */
export function explain(
  policy: Pick<Policy, "heldRoles">,
  question: {
    subject: Subject;
    permission: Permission;
    target?: Target | undefined;
    /** Of the token by which it is asked. */
    scope?: Scope | null;
  },
): Explanation {
  const held = policy.heldRoles(question.subject);
  const of = held.flatMap(({ role, via }) =>
    role.rules
      .filter(
        ({ resource, verbs }) =>
          resource === question.permission.resource && verbs.includes(question.permission.verb),
      )
      .map((rule) => ({ role: role.name, rule, via })),
  );
  const because = of.filter(({ rule }) => meets(rule, question));
  const isInScope =
    question.scope?.allows(question.permission, { user: question.subject.user, target: question.target }) ??
    true;
  if (because.length > 0 && !isInScope) return { allowed: false, missing: beyondScope };
  if (because.length > 0) return { allowed: true, because };
  return { allowed: false, missing: missing(held, { ...question, almost: of.map(({ rule }) => rule) }) };
}

function meets(
  { own, names }: Rule,
  { subject, target }: { subject: Subject; target?: Target | undefined },
): boolean {
  if (own === true) return target === undefined || target.owner === subject.user;
  return names.includes("*") || (target?.called !== undefined && names.includes(target.called));
}

function missing(
  held: readonly HeldRole[],
  { subject: { user }, almost }: { subject: Subject; almost: readonly Rule[] },
): string {
  if (held.length === 0) return `"${user}" has no role`;
  if (almost.some(({ own }) => own === true)) return `"${user}" may do so to its own only`;
  if (almost.length > 0) return `"${user}" may do so to others by name, and not to this`;
  const names = held.map(({ role }) => `"${role.name}"`).toSorted();
  if (names.length === 1) return `role ${names[0]} of "${user}" does not allow it`;
  return `none of the roles of "${user}" allows it`;
}
