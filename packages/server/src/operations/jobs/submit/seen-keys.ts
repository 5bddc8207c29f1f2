/** So many are kept at least, and at most twice as many. */
const KEPT = 2000;

/**
 * The idempotency keys that have come lately: whoever sends one again is most probably answered with the job that is there,
 * for which nothing need be made ready. Decides nothing: the store does.
 */
export class SeenKeys {
  #newer = new Set<string>();
  #older: ReadonlySet<string> = new Set();

  /** Whether it has come before; from now on it has. */
  note(owner: string, key: string): boolean {
    const both = `${owner} ${key}`;
    const isKnown = this.#newer.has(both) || this.#older.has(both);
    if (this.#newer.size >= KEPT) {
      this.#older = this.#newer;
      this.#newer = new Set();
    }
    this.#newer.add(both);
    return isKnown;
  }
}
