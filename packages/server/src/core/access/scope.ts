import type { Permission } from "@berth/protocol";
import { Policy, type RoleSet } from "./policy.ts";
import type { Rule } from "./role.ts";
import type { Target } from "./target.ts";

/** Who comes by a token may always ask who that is, and what it may do. */
const always: Rule = { resource: "access", names: ["*"], verbs: ["read"], own: true };
/** The scope is the one role of its policy. */
const only: RoleSet = new Set([0]);

/** The most that a token allows, whatever its holder may do otherwise: both must allow what is done. */
export class Scope {
  readonly #policy: Policy;

  private constructor(rules: readonly Rule[]) {
    this.#policy = new Policy({ roles: [{ name: "scope", rules: [...rules, always] }] });
  }

  /** Laid out once for the rules of a token, for as long as these are in memory. */
  static of(rules: readonly Rule[]): Scope {
    const known = laidOut.get(rules);
    if (known !== undefined) return known;
    const scope = new Scope(rules);
    laidOut.set(rules, scope);
    return scope;
  }

  allowsSome(permission: Permission): boolean {
    return this.#policy.allowsSome(only, permission);
  }

  allowsAll(permission: Permission): boolean {
    return this.#policy.allowsAll(only, permission);
  }

  allows(permission: Permission, asked: { user: string; target?: Target | undefined }): boolean {
    return this.#policy.allows(only, permission, asked);
  }
}

const laidOut = new WeakMap<readonly Rule[], Scope>();

/** What two lists of rules both allow, and no less: what is one's own and called so and so becomes what is one's own. */
export function common(one: readonly Rule[], other: readonly Rule[]): Rule[] {
  return one.flatMap((rule) => other.flatMap((second) => meet(rule, second)));
}

function meet(one: Rule, other: Rule): Rule[] {
  if (one.resource !== other.resource) return [];
  const verbs = one.verbs.filter((verb) => other.verbs.includes(verb));
  const isOwn = one.own === true || other.own === true;
  const names = isOwn ? ["*"] : namesOfBoth(one, other);
  if (verbs.length === 0 || names.length === 0) return [];
  return [{ resource: one.resource, names, verbs, ...(isOwn && { own: true }) }];
}

function namesOfBoth({ names }: Rule, { names: others }: Rule): readonly string[] {
  if (names.includes("*")) return others.includes("*") ? ["*"] : others;
  return others.includes("*") ? names : names.filter((name) => others.includes(name));
}
