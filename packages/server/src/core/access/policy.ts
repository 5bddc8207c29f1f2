import type { Permission } from "@berth/protocol";
import { bitOf, bitsOf, type Resource } from "./permission.ts";
import { impliedBy } from "./implied-by.ts";
import type { Binding, Role, Rule } from "./role.ts";
import type { Target } from "./target.ts";

/** Who asks: by name, by groups, and with roles that came with the credential. */
export interface Subject {
  user: string;
  groups: readonly string[];
  roles: readonly string[];
}

/** How somebody has come by a role. */
export type Via = { kind: "credential" } | { kind: Binding["kind"]; name: string; binding: string };

export interface HeldRole {
  role: Role;
  via: readonly Via[];
}

/** Numbers of roles. */
export type RoleSet = ReadonlySet<number>;

/** What the rules of all roles allow on one resource. The arrays have a number of verbs' bits for each role. */
interface Grants {
  /** Whatever it is called and whoever owns it. */
  any: Uint16Array;
  /** What belongs to whoever asks. */
  own: Uint16Array;
  /** To some object at least. */
  some: Uint16Array;
  /** By the name of the object: a role and its bits, and the next role and its bits. */
  named: Map<string, number[]>;
}

/**
 * Roles and who has them, laid out for the one question that every request asks. The rules are looked up by what is
 * asked about and held against the few roles of who asks, so that neither the number of roles nor that of bindings makes
 * the answer dearer. Never changes: another policy takes its place.
 */
export class Policy {
  readonly #roles: readonly Role[];
  readonly #numbers: ReadonlyMap<string, number>;
  readonly #grants = new Map<Resource, Grants>();
  /** By user and by group: the numbers of the bound roles, each with the bindings that say so. */
  readonly #bound = {
    user: new Map<string, Map<number, string[]>>(),
    group: new Map<string, Map<number, string[]>>(),
  };

  /** Bindings to roles that are not there give nothing. */
  constructor({ roles, bindings = [] }: { roles: readonly Role[]; bindings?: readonly Binding[] }) {
    this.#roles = roles.map((role) => ({ ...role, rules: [...role.rules, ...impliedBy(role.rules)] }));
    this.#numbers = new Map(roles.map(({ name }, number) => [name, number]));
    this.#roles.forEach(({ rules }, number) => {
      for (const rule of rules) this.#grant(number, rule);
    });
    for (const binding of bindings) this.#bind(binding);
  }

  /** All roles of somebody. */
  rolesOf({ user, groups, roles }: Subject): RoleSet {
    const found = new Set<number>();
    for (const name of roles) add(found, this.#numbers.get(name));
    for (const number of this.#bound.user.get(user)?.keys() ?? []) found.add(number);
    for (const group of groups) {
      for (const number of this.#bound.group.get(group)?.keys() ?? []) found.add(number);
    }
    return found;
  }

  /** Whether there can be anything at all to which these roles allow it. */
  allowsSome(roles: RoleSet, { resource, verb }: Permission): boolean {
    return has(this.#grants.get(resource)?.some, roles, bitOf(verb));
  }

  /** Whether these roles allow it to everything of that kind, whoever owns it. */
  allowsAll(roles: RoleSet, { resource, verb }: Permission): boolean {
    return has(this.#grants.get(resource)?.any, roles, bitOf(verb));
  }

  /** Whether these roles allow `user` to do this to the target, or, without one, to what is going to be its own. */
  allows(
    roles: RoleSet,
    { resource, verb }: Permission,
    { user, target }: { user: string; target?: Target | undefined },
  ): boolean {
    const grants = this.#grants.get(resource);
    if (grants === undefined) return false;
    const bit = bitOf(verb);
    if (has(grants.any, roles, bit)) return true;
    if ((target === undefined || target.owner === user) && has(grants.own, roles, bit)) return true;
    const named = target?.called === undefined ? undefined : grants.named.get(target.called);
    return named !== undefined && hasNamed(named, roles, bit);
  }

  /** The roles of somebody with how each was come by: for saying why, not for deciding. */
  heldRoles({ user, groups, roles }: Subject): HeldRole[] {
    const held = new Map<number, Via[]>();
    const note = (number: number | undefined, via: Via): void => {
      if (number !== undefined) held.set(number, [...(held.get(number) ?? []), via]);
    };
    for (const name of roles) note(this.#numbers.get(name), { kind: "credential" });
    const noteBound = (kind: Binding["kind"], name: string): void => {
      for (const [number, ids] of this.#bound[kind].get(name) ?? []) {
        for (const binding of ids) note(number, { kind, name, binding });
      }
    };
    noteBound("user", user);
    for (const group of groups) noteBound("group", group);
    return [...held].flatMap(([number, via]) => {
      const role = this.#roles[number];
      return role === undefined ? [] : [{ role, via }];
    });
  }

  #grant(number: number, { resource, names, verbs, own }: Rule): void {
    const grants = this.#grantsOf(resource);
    const allowed = bitsOf(verbs);
    if (own === true || names.length > 0) add16(grants.some, number, allowed);
    if (own === true) return add16(grants.own, number, allowed);
    if (names.includes("*")) return add16(grants.any, number, allowed);
    for (const name of names) {
      const list = grants.named.get(name);
      if (list === undefined) grants.named.set(name, [number, allowed]);
      else list.push(number, allowed);
    }
  }

  #grantsOf(resource: Resource): Grants {
    const found = this.#grants.get(resource);
    if (found !== undefined) return found;
    const made = (): Uint16Array => new Uint16Array(this.#roles.length);
    const grants = { any: made(), own: made(), some: made(), named: new Map<string, number[]>() };
    this.#grants.set(resource, grants);
    return grants;
  }

  #bind({ id, role, kind, subject }: Binding): void {
    const number = this.#numbers.get(role);
    if (number === undefined) return;
    const bound = this.#bound[kind];
    const roles = bound.get(subject) ?? new Map<number, string[]>();
    const ids = roles.get(number);
    if (ids === undefined) roles.set(number, [id]);
    else ids.push(id);
    bound.set(subject, roles);
  }
}

function add(found: Set<number>, number: number | undefined): void {
  if (number !== undefined) found.add(number);
}

function add16(bits: Uint16Array, number: number, allowed: number): void {
  bits[number] = (bits[number] ?? 0) | allowed;
}

function has(bits: Uint16Array | undefined, roles: RoleSet, bit: number): boolean {
  if (bits === undefined) return false;
  for (const role of roles) if (((bits[role] ?? 0) & bit) !== 0) return true;
  return false;
}

function hasNamed(named: readonly number[], roles: RoleSet, bit: number): boolean {
  for (let n = 0; n < named.length; n += 2) {
    if (((named[n + 1] ?? 0) & bit) !== 0 && roles.has(named[n] ?? -1)) return true;
  }
  return false;
}
