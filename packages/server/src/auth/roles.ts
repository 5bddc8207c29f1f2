import { type HeldRole, Policy, type Subject } from "../core/access/policy.ts";
import type { Binding, Role } from "../core/access/role.ts";

/** What is stored of it. */
interface Given {
  roles: readonly Role[];
  bindings: readonly Binding[];
}

/** The roles, and who has which of them, as of now: what changes of it counts from the next question on. */
export class Roles {
  readonly #builtIn: readonly Role[];
  #roles: readonly Role[];
  #bindings: ReadonlyMap<string, Binding>;
  #removals = 0;
  /** Readings are counted as they begin: one that began later has all that an earlier one has. */
  #reads = 0;
  #taken = 0;
  #policy: Policy;
  readonly #watchers = new Set<() => void>();

  /** With what was given before. */
  constructor(builtIn: readonly Role[], { roles = [], bindings = [] }: Partial<Given> = {}) {
    this.#builtIn = builtIn;
    this.#roles = roles;
    this.#bindings = byId(bindings);
    this.#policy = new Policy({ roles: [...builtIn, ...roles], bindings });
  }

  get policy(): Policy {
    return this.#policy;
  }

  get all(): readonly Role[] {
    return [...this.#builtIn, ...this.#roles];
  }

  isBuiltIn(name: string): boolean {
    return this.#builtIn.some((role) => role.name === name);
  }

  get bindings(): number {
    return this.#bindings.size;
  }

  /** What is given to this name and these groups, by its name. */
  namesOf(user: string, groups: readonly string[]): string[] {
    return this.#policy.heldRoles({ user, groups, roles: [] }).map(({ role }) => role.name);
  }

  heldBy(subject: Subject): HeldRole[] {
    return this.#policy.heldRoles(subject);
  }

  /** Calls whenever roles, or who has them, were read again. */
  watch(listener: () => void): void {
    this.#watchers.add(listener);
  }

  /** It was deleted from what is stored. */
  remove(id: string): void {
    this.#removals += 1;
    const rest = new Map(this.#bindings);
    rest.delete(id);
    this.#take({ roles: this.#roles, bindings: rest });
  }

  /**
   * As it is stored now. The one way in which a role is given: what is not stored, or no more, is held by nobody. Any number
   * of these may overlap, and what is removed meanwhile stays so.
   */
  async reload(stored: () => Promise<Given>): Promise<void> {
    for (;;) {
      const removals = this.#removals;
      const read = ++this.#reads;
      const { roles, bindings } = await stored();
      if (removals !== this.#removals) continue;
      if (read < this.#taken) return;
      this.#taken = read;
      return this.#take({ roles, bindings: byId(bindings) });
    }
  }

  #take({ roles, bindings }: { roles: readonly Role[]; bindings: ReadonlyMap<string, Binding> }): void {
    this.#roles = roles;
    this.#bindings = bindings;
    this.#policy = new Policy({ roles: this.all, bindings: [...bindings.values()] });
    for (const listener of this.#watchers) listener();
  }
}

/** What `reload` takes over. */
export async function givenRoles(store: {
  roles: { list(): Promise<readonly Role[]> };
  bindings: { list(): Promise<readonly Binding[]> };
}): Promise<Given> {
  const [roles, bindings] = await Promise.all([store.roles.list(), store.bindings.list()]);
  return { roles, bindings };
}

function byId(bindings: readonly Binding[]): Map<string, Binding> {
  return new Map(bindings.map((binding) => [binding.id, binding]));
}
