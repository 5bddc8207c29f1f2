/** Closes what was opened, newest first, even when one of the closers fails. */
export class Scope implements AsyncDisposable {
  #closers: (() => unknown)[] = [];

  /** Closes `resource` together with this scope. */
  use<Resource extends AsyncDisposable | Disposable>(resource: Resource): Resource {
    this.#closers.push(() =>
      Symbol.asyncDispose in resource ? resource[Symbol.asyncDispose]() : resource[Symbol.dispose](),
    );
    return resource;
  }

  /** Calls `close` when this scope is closed, and waits for what it returns. */
  defer(close: () => unknown): void {
    this.#closers.push(close);
  }

  /** Hands everything over to a new scope: this one closes nothing any more. For "opened well, now it is yours". */
  move(): Scope {
    const moved = new Scope();
    moved.#closers = this.#closers.splice(0);
    return moved;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const failures: unknown[] = [];
    for (const close of this.#closers.splice(0).reverse()) {
      try {
        await close();
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length === 1) throw failures[0];
    if (failures.length > 1) throw new AggregateError(failures, "Cannot close every resource");
  }
}
