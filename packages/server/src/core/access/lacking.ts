import { verbs } from "@berth/protocol";
import { bitOf, bitsOf, type Resource } from "./permission.ts";
import type { Rule } from "./role.ts";

/** What rules allow on one resource, as bits of verbs. */
interface Held {
  any: number;
  own: number;
  named: Map<string, number>;
}

/**
 * Something that `given` allows and `held` does not; null where these hold all of it. Nobody gives, or takes over, what
 * this finds. What is one's own counts as the right to one's own, whoever it is given to.
 */
export function lacking(held: readonly Rule[], given: readonly Rule[]): Rule | null {
  const all = laidOut(held);
  for (const rule of given) {
    const found = lackingOf(all.get(rule.resource), rule);
    if (found !== null) return found;
  }
  return null;
}

/** A rule as `berth role create --allow` takes it. */
export function ruleText({ verbs: allowed, resource, names, own }: Rule): string {
  return `${allowed.join(",")} ${resource} ${own === true ? "of one's own" : names.join(",")}`;
}

function laidOut(rules: readonly Rule[]): Map<Resource, Held> {
  const all = new Map<Resource, Held>();
  for (const { resource, names, verbs: allowed, own } of rules) {
    const held = all.get(resource) ?? { any: 0, own: 0, named: new Map<string, number>() };
    const bits = bitsOf(allowed);
    if (own === true) held.own |= bits;
    else if (names.includes("*")) held.any |= bits;
    else for (const name of names) held.named.set(name, (held.named.get(name) ?? 0) | bits);
    all.set(resource, held);
  }
  return all;
}

function lackingOf(held: Held | undefined, { resource, names, verbs: allowed, own }: Rule): Rule | null {
  const any = held?.any ?? 0;
  const not = (bits: number) => allowed.filter((verb) => (bitOf(verb) & bits) === 0);
  if (own === true) {
    const missing = not(any | (held?.own ?? 0));
    return missing.length === 0 ? null : { resource, names: ["*"], verbs: sorted(missing), own };
  }
  for (const name of names.includes("*") ? ["*"] : names) {
    const missing = not(any | (name === "*" ? 0 : (held?.named.get(name) ?? 0)));
    if (missing.length > 0) return { resource, names: [name], verbs: sorted(missing) };
  }
  return null;
}

function sorted(some: Rule["verbs"]): Rule["verbs"] {
  return verbs.filter((verb) => some.includes(verb));
}
