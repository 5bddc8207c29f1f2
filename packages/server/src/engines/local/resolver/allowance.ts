import type { Clock } from "../../../lib/clock.ts";

/** Lets so much pass in a second, and at once as much as has been saved up. */
export class Allowance {
  readonly #perSecond: number;
  readonly #most: number;
  readonly #clock: Clock;
  #left: number;
  #at: number;

  constructor({ perSecond, most, clock }: { perSecond: number; most: number; clock: Clock }) {
    this.#perSecond = perSecond;
    this.#most = most;
    this.#clock = clock;
    this.#left = most;
    this.#at = clock.monotonic();
  }

  /** Whether one more may pass, which then is counted. */
  take(): boolean {
    const now = this.#clock.monotonic();
    this.#left = Math.min(this.#most, this.#left + ((now - this.#at) / 1000) * this.#perSecond);
    this.#at = now;
    if (this.#left < 1) return false;
    this.#left -= 1;
    return true;
  }
}
