/**
 * Holds for a while after each confirmation, then shuts: for what may only be done while somebody elsewhere is known not to do it. Whoever is
 * about to act looks first, which works also where no timer could run, as in a process that was stopped. By the clock of this process, and by
 * the host's where that says more, as after a sleep of the host.
 */
export class Fence implements Disposable {
  readonly #holdsMs: number | null;
  readonly #clocks: Clocks;
  readonly #listeners = new Set<() => void>();
  #confirmedAt: Moment;
  #isShut = false;
  #isForGood = false;
  #timer: NodeJS.Timeout | null = null;

  /** `holdsMs` null: it never shuts. It begins as confirmed. */
  constructor({ holdsMs, clocks = systemClocks }: { holdsMs: number | null; clocks?: Clocks }) {
    this.#holdsMs = holdsMs;
    this.#clocks = clocks;
    this.#confirmedAt = this.now();
    this.#wait();
  }

  /** To be taken before it is asked for what confirms. */
  now(): Moment {
    return { elapsed: this.#clocks.elapsed(), date: this.#clocks.date() };
  }

  /** What was asked at that moment was answered: it holds from then on, and opens where it was shut. */
  confirm(askedAt: Moment): void {
    if (this.#isForGood) return;
    this.#confirmedAt = askedAt;
    this.#isShut = false;
    this.look();
    this.#wait();
  }

  /** Whether it is shut by now. Who finds that out has all listeners called before this returns. */
  look(): boolean {
    if (!this.#isShut && this.#leftMs() <= 0) this.#shut();
    return this.#isShut;
  }

  /** Nothing opens it any more. */
  shutForGood(): void {
    this.#isForGood = true;
    if (!this.#isShut) this.#shut();
  }

  /** Calls each time it shuts. Returns the way to stop. */
  onShut(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  [Symbol.dispose](): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  #leftMs(): number {
    if (this.#holdsMs === null) return Infinity;
    const now = this.now();
    const { elapsed, date } = this.#confirmedAt;
    return this.#holdsMs - Math.max(now.elapsed - elapsed, now.date - date);
  }

  #shut(): void {
    this.#isShut = true;
    for (const listener of this.#listeners) listener();
  }

  #wait(): void {
    this[Symbol.dispose]();
    if (this.#holdsMs === null || this.#isShut) return;
    this.#timer = setTimeout(() => this.look() || this.#wait(), Math.max(this.#leftMs(), 1)).unref();
  }
}

/** By two clocks, ms: one that nobody sets, and one that goes on while the host sleeps. */
interface Moment {
  elapsed: number;
  date: number;
}

interface Clocks {
  elapsed: () => number;
  date: () => number;
}

const systemClocks: Clocks = { elapsed: () => performance.now(), date: () => Date.now() };
