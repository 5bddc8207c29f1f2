/** How often a version of a task may take too long for one caller. */
const MOST_TIMES = 3;
/** Callers and versions that are remembered: those that were slow last. */
const MOST_KEPT = 10_000;

/**
 * Whose inputs have taken too long against which version of a task. After some times that one is not tried again: it is the
 * caller's lock and not everybody's, as else anybody who may run a task could keep all others from it.
 */
export class Patience {
  readonly #times = new Map<string, number>();

  isOver(who: string, version: string): boolean {
    return (this.#times.get(keyOf(who, version)) ?? 0) >= MOST_TIMES;
  }

  wasSlow(who: string, version: string): void {
    const key = keyOf(who, version);
    const times = this.#times.get(key) ?? 0;
    this.#times.delete(key);
    this.#times.set(key, times + 1);
    const [oldest] = this.#times.keys();
    if (this.#times.size > MOST_KEPT && oldest !== undefined) this.#times.delete(oldest);
  }
}

function keyOf(who: string, version: string): string {
  return JSON.stringify([who, version]);
}
