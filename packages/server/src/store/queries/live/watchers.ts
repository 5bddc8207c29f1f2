/** Who wants to hear of which job. Knows nothing of what has changed: a call is a hint to read again. */
export class Watchers {
  readonly #listeners = new Map<string, Set<() => void>>();

  /** Returns the way to stop. The same function may be added twice; each call of `stop` removes one. */
  add(jobId: string, listener: () => void): () => void {
    const own = (): void => listener();
    const listeners = this.#listeners.get(jobId) ?? new Set();
    this.#listeners.set(jobId, listeners.add(own));
    return () => {
      listeners.delete(own);
      if (listeners.size === 0 && this.#listeners.get(jobId) === listeners) this.#listeners.delete(jobId);
    };
  }

  /** A listener that throws is reported as a process warning; the others hear of the change all the same. */
  notify(jobId: string): void {
    // A copy: a listener that adds another must not be called by the same change.
    const listeners = [...(this.#listeners.get(jobId) ?? [])];
    for (const listener of listeners) {
      try {
        listener();
      } catch (error) {
        process.emitWarning(error instanceof Error ? error : new Error(String(error)));
      }
    }
  }

  /** Anything may have changed. */
  notifyAll(): void {
    // A copy: who watches anew while hearing of it is not told again.
    const watched = [...this.#listeners.keys()];
    for (const jobId of watched) this.notify(jobId);
  }

  /** Jobs that somebody watches. */
  get size(): number {
    return this.#listeners.size;
  }
}
