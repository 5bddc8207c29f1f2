import { type HeldRole, Policy, type Subject } from "../core/access/policy.ts";
import type { Binding, Role } from "../core/access/role.ts";

/** The roles, and who has which of them, as of now: what changes of it counts from the next question on. */
export class Roles {
  readonly #roles: readonly Role[];
  #bindings: ReadonlyMap<string, Binding>;
  #changes = 0;
  #policy: Policy;

  /** With what was given before. */
  constructor(roles: readonly Role[], bindings: readonly Binding[] = []) {
    this.#roles = roles;
    this.#bindings = byId(bindings);
    this.#policy = new Policy({ roles, bindings });
  }

  get policy(): Policy {
    return this.#policy;
  }

  get all(): readonly Role[] {
    return this.#roles;
  }

  get bindings(): number {
    return this.#bindings.size;
  }

  heldBy(subject: Subject): HeldRole[] {
    return this.#policy.heldRoles(subject);
  }

  /** From now on; what makes it last is stored before. */
  add(binding: Binding): void {
    this.#take(new Map(this.#bindings).set(binding.id, binding));
  }

  remove(id: string): void {
    const rest = new Map(this.#bindings);
    rest.delete(id);
    this.#take(rest);
  }

  /** As it is stored now: another process may have changed it. What is changed here meanwhile is newer, and read again. */
  async reload(stored: () => Promise<readonly Binding[]>): Promise<void> {
    for (;;) {
      const changes = this.#changes;
      const bindings = await stored();
      if (changes === this.#changes) return this.#take(byId(bindings));
    }
  }

  #take(bindings: ReadonlyMap<string, Binding>): void {
    this.#changes += 1;
    this.#bindings = bindings;
    this.#policy = new Policy({ roles: this.#roles, bindings: [...bindings.values()] });
  }
}

function byId(bindings: readonly Binding[]): Map<string, Binding> {
  return new Map(bindings.map((binding) => [binding.id, binding]));
}
