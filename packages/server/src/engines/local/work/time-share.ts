import { setImmediate as nextTurn } from "node:timers/promises";

/** How long one task may keep the others waiting. */
const TURN_MS = 5;

/** The share of one task that shares its thread with others: each works a little while, then the next one does. */
export class TimeShare {
  readonly #mostMs: number;
  #since = performance.now();
  #workedMs = 0;

  /** `mostMs` is how long the task may work in all; the time of the others does not count. */
  constructor(mostMs: number) {
    this.#mostMs = mostMs;
  }

  get seconds(): number {
    return Math.round(this.#mostMs / 1000);
  }

  /** Lets others work when it is their turn. False when this task has had all its time, and from then on. */
  async next(): Promise<boolean> {
    if (this.#workedMs >= this.#mostMs) return false;
    const worked = performance.now() - this.#since;
    if (worked < TURN_MS) return true;
    this.#workedMs += worked;
    await nextTurn();
    this.#since = performance.now();
    return this.#workedMs < this.#mostMs;
  }
}
