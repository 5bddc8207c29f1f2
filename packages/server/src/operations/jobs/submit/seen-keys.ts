import type { Store } from "../../../store/store.ts";

/** So many are kept at least, and at most twice as many. */
const KEPT = 2000;

/**
 * The idempotency keys that have come lately: whoever sends one again is most probably answered with the job that is there,
 * for which nothing need be made ready. Decides nothing: the store does.
 */
export class SeenKeys {
  #newer = new Set<string>();
  #older: ReadonlySet<string>;

  /** `earlier`: those that came while an earlier server was there. */
  constructor(earlier: readonly { owner: string; key: string }[] = []) {
    this.#older = new Set(earlier.map(({ owner, key }) => nameOf(owner, key)));
  }

  /** Those that the store still has of the last ones. */
  static async of(store: Store): Promise<SeenKeys> {
    return new SeenKeys(await store.jobs.latestKeys(KEPT));
  }

  has(owner: string, key: string): boolean {
    const both = nameOf(owner, key);
    return this.#newer.has(both) || this.#older.has(both);
  }

  /** Whether it has come before; from now on it has. */
  note(owner: string, key: string): boolean {
    const both = nameOf(owner, key);
    const isKnown = this.has(owner, key);
    if (this.#newer.size >= KEPT) {
      this.#older = this.#newer;
      this.#newer = new Set();
    }
    this.#newer.add(both);
    return isKnown;
  }
}

function nameOf(owner: string, key: string): string {
  return `${owner} ${key}`;
}
