import { foldName } from "../../core/access/fold-name.ts";
import type { Principal } from "../../core/caller/principal.ts";
import type { Account } from "../../store/account-store.ts";
import { unauthenticated } from "../tokens.ts";

/** Who can be somebody here, in memory: doors ask with every request, and one of them cannot wait for an answer. */
export class Accounts {
  #byKey: Map<string, Account>;
  #changes = 0;

  /** With those that were there before. */
  constructor(all: Iterable<Account> = []) {
    this.#byKey = byKey(all);
  }

  get count(): number {
    return this.#byKey.size;
  }

  /** By key. */
  all(): Account[] {
    return [...this.#byKey.values()].toSorted((one, other) => (one.key < other.key ? -1 : 1));
  }

  /** Also where it is deleted: its name is nobody else's. */
  find(name: string): Account | null {
    return this.#byKey.get(foldName(name)) ?? null;
  }

  /**
   * Whoever has proven to be called so. Somebody with an account has what was given to it, and its own, whatever the credential; one
   * without has the roles that come with the credential. Throws UNAUTHENTICATED for a deleted account, and for the name of one in
   * another spelling: what belongs to names would belong to two.
   */
  holder(name: string, roles: readonly string[]): Principal {
    const account = this.find(name);
    if (account === null || account.name === "admin") return { name, roles };
    // Whatever the locks say: a deleted account comes back by a restore alone.
    if (account.deletedAt !== null) throw unauthenticated(`the account "${account.name}" is deleted`);
    if (account.name !== name) throw unauthenticated(`"${name}" is written "${account.name}" here`);
    return { name, roles: ["self"] };
  }

  /** This of an account was stored. What else of it changed meanwhile, such as that it was deleted, stays. */
  note({ key }: Pick<Account, "key">, change: Partial<Account>): void {
    const account = this.#byKey.get(key);
    if (account !== undefined) this.put({ ...account, ...change });
  }

  /** It was stored. */
  put(account: Account): void {
    this.#changes += 1;
    this.#byKey.set(account.key, account);
  }

  /** As they are stored now. What is put here meanwhile is newer, and read again. */
  async reload(stored: () => Promise<readonly Account[]>): Promise<void> {
    for (;;) {
      const changes = this.#changes;
      const all = byKey(await stored());
      if (changes !== this.#changes) continue;
      this.#byKey = all;
      return;
    }
  }
}

function byKey(all: Iterable<Account>): Map<string, Account> {
  return new Map(Array.from(all, (account) => [account.key, account]));
}
