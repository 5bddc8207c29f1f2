import type { Membership } from "../../store/account-store.ts";

/** Who is in which group, in memory: doors ask with every request. */
export class Groups {
  #all: readonly Membership[];
  #byMember: ReadonlyMap<string, readonly string[]>;
  readonly #watchers = new Set<() => void>();
  /** Readings are counted as they begin: one that began later has all that an earlier one has. */
  #reads = 0;
  #taken = 0;

  /** With those that were there before. */
  constructor(all: readonly Membership[] = []) {
    this.#all = all;
    this.#byMember = byMember(all);
  }

  /** The keys of the groups of an account. */
  of(member: string): readonly string[] {
    return this.#byMember.get(member) ?? [];
  }

  /** Who says that the account is in which. */
  membershipsOf(member: string): Membership[] {
    return this.#all.filter((each) => each.member === member);
  }

  membersOf(group: string): Membership[] {
    return this.#all.filter((each) => each.group === group);
  }

  /** Calls whenever somebody has come into a group, or has left it. */
  watch(listener: () => void): void {
    this.#watchers.add(listener);
  }

  /** As it is stored now. Any number of these may overlap. */
  async reload(stored: () => Promise<readonly Membership[]>): Promise<void> {
    const read = ++this.#reads;
    const all = await stored();
    if (read < this.#taken) return;
    this.#taken = read;
    const before = this.#byMember;
    this.#all = all;
    this.#byMember = byMember(all);
    // Each login says again in which groups somebody is.
    if (this.#watchers.size === 0 || isSame(before, this.#byMember)) return;
    for (const listener of this.#watchers) listener();
  }
}

function isSame(
  one: ReadonlyMap<string, readonly string[]>,
  other: ReadonlyMap<string, readonly string[]>,
): boolean {
  if (one.size !== other.size) return false;
  for (const [member, groups] of one) {
    const now = other.get(member);
    if (now?.length !== groups.length || groups.some((group, n) => group !== now[n])) return false;
  }
  return true;
}

function byMember(all: readonly Membership[]): Map<string, string[]> {
  const found = new Map<string, Set<string>>();
  for (const { member, group } of all) {
    const groups = found.get(member) ?? new Set();
    found.set(member, groups.add(group));
  }
  return new Map(Array.from(found, ([member, groups]) => [member, [...groups].toSorted()]));
}
