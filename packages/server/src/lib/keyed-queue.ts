/** Runs async work one at a time per key, in the order asked; different keys do not wait for each other. */
export class KeyedQueue {
  readonly #last = new Map<string, Promise<unknown>>();

  /** Settles as `work` does. Work that fails does not hold up what comes after it. */
  run<Value>(key: string, work: () => Promise<Value>): Promise<Value> {
    const before = this.#last.get(key);
    const mine = before === undefined ? work() : before.then(work, work);
    this.#last.set(key, mine);
    const forget = (): void => {
      if (this.#last.get(key) === mine) this.#last.delete(key);
    };
    mine.then(forget, forget);
    return mine;
  }

  /** Keys with work running or waiting. */
  get size(): number {
    return this.#last.size;
  }

  /** Resolves when everything that was asked for before this call has settled. */
  async idle(): Promise<void> {
    await Promise.allSettled(this.#last.values());
  }
}
