import type { Clock } from "../../../lib/clock.ts";

/** What is kept, and for how long: 0 for not at all. */
export interface Kept<Value> {
  value: Value;
  ms: number;
}

interface Entry<Value> {
  value: Value;
  until: number;
}

/** Keeps what was found out for as long as it holds, and finds it out once for all who ask meanwhile. */
export class AnswerCache<Value> {
  readonly #entries = new Map<string, Entry<Value>>();
  readonly #underWay = new Map<string, Promise<Entry<Value>>>();
  readonly #most: number;
  readonly #clock: Clock;

  constructor({ most, clock }: { most: number; clock: Clock }) {
    this.#most = most;
    this.#clock = clock;
  }

  /** `leftMs`: how long it still holds. */
  async get(key: string, find: () => Promise<Kept<Value>>): Promise<{ value: Value; leftMs: number }> {
    const known = this.#entries.get(key);
    if (known !== undefined && known.until > this.#clock.monotonic()) return this.#told(known);
    const asked = this.#underWay.get(key) ?? this.#find(key, find);
    return this.#told(await asked);
  }

  get size(): number {
    return this.#entries.size;
  }

  #told({ value, until }: Entry<Value>): { value: Value; leftMs: number } {
    return { value, leftMs: Math.max(until - this.#clock.monotonic(), 0) };
  }

  #find(key: string, find: () => Promise<Kept<Value>>): Promise<Entry<Value>> {
    const asked = find()
      .then(({ value, ms }) => this.#keep(key, { value, until: this.#clock.monotonic() + ms }))
      .finally(() => this.#underWay.delete(key));
    this.#underWay.set(key, asked);
    return asked;
  }

  /** The oldest goes where there is no room: what was kept longest is asked for anew soonest. */
  #keep(key: string, entry: Entry<Value>): Entry<Value> {
    this.#entries.delete(key);
    if (entry.until <= this.#clock.monotonic()) return entry;
    this.#entries.set(key, entry);
    for (const oldest of this.#entries.keys()) {
      if (this.#entries.size <= this.#most) break;
      this.#entries.delete(oldest);
    }
    return entry;
  }
}
