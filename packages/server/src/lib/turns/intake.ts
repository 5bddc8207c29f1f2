/**
 * Requests that one principal may be sending at a time, of up to 12 MiB each over gRPC and 24 MiB over REST. The rest waits in
 * the client, held back by flow control: without a limit, one caller could make the server hold a thousand unfinished ones.
 */
const mostAtOnce = 16;

/**
 * Lets in requests of each principal a few at a time, in the order in which they came. A principal that stalls holds up
 * nobody else.
 */
export class Intake {
  readonly #principals = new Map<string, { busy: number; waiting: Set<() => void> }>();

  /** Calls `begin` at once or when it is its turn. Returns what to call, once or more, when the request is there or gone. */
  enter(principal: string, begin: () => void): () => void {
    const known = this.#principals.get(principal) ?? { busy: 0, waiting: new Set() };
    this.#principals.set(principal, known);
    let isIn = false;
    let isOver = false;
    const start = (): void => {
      isIn = true;
      known.busy += 1;
      begin();
    };
    if (known.busy < mostAtOnce) start();
    else known.waiting.add(start);
    return () => {
      if (isOver) return;
      isOver = true;
      if (!isIn) known.waiting.delete(start);
      else known.busy -= 1;
      this.#goOn(principal);
    };
  }

  /** How many are under way or wait. */
  get size(): number {
    return [...this.#principals.values()].reduce((sum, { busy, waiting }) => sum + busy + waiting.size, 0);
  }

  #goOn(principal: string): void {
    const known = this.#principals.get(principal);
    if (!known) return;
    const [next] = known.waiting;
    if (next && known.busy < mostAtOnce) {
      known.waiting.delete(next);
      next();
    }
    if (known.busy === 0) this.#principals.delete(principal);
  }
}

/** The place of one request that may need none, as most are small. */
export class Place implements Disposable {
  readonly #intake: Intake;
  readonly #principal: string;
  #isIn: Promise<void> | null = null;
  #leave = (): void => undefined;

  constructor(intake: Intake, principal: string) {
    this.#intake = intake;
    this.#principal = principal;
  }

  /** Resolves when it is its turn; asked again, when it was. */
  taken(): Promise<void> {
    if (this.#isIn === null) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#isIn = promise;
      this.#leave = this.#intake.enter(this.#principal, resolve);
    }
    return this.#isIn;
  }

  [Symbol.dispose](): void {
    this.#leave();
  }
}
