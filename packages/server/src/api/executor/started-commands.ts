/** What this executor has started and has not ended yet, so that it can be ended with it. */
export class StartedCommands {
  readonly #ids = new Set<string>();
  readonly #starting = new Set<Promise<unknown>>();
  #refusal: (() => Error) | null = null;

  add(id: string): void {
    this.#ids.add(id);
  }

  delete(id: string): void {
    this.#ids.delete(id);
  }

  /** Does what starts one; refuses once closed. */
  async during<Value>(start: () => Promise<Value>): Promise<Value> {
    if (this.#refusal) throw this.#refusal();
    const starting = start();
    this.#starting.add(starting);
    try {
      return await starting;
    } finally {
      this.#starting.delete(starting);
    }
  }

  /** Starts nothing any more; resolves when what was being started is started. */
  async close(refusal: () => Error): Promise<void> {
    this.#refusal = refusal;
    await Promise.allSettled(this.#starting);
  }

  /** Calls `stop` for every one at once; rejects with the first failure after all have answered. */
  async end(stop: (id: string) => Promise<unknown>): Promise<void> {
    const ends = await Promise.allSettled([...this.#ids].map(stop));
    for (const end of ends) if (end.status === "rejected") throw end.reason;
  }
}
