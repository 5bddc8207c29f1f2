import { BerthError } from "@berth/protocol";

/** Oldest out: what is kept of strangers is bounded. */
const MOST_ENTRIES = 20_000;

/** So many of each network within a time, and no more. */
export class StartRate {
  readonly #options: { now: () => number; most: number; windowMs: number };
  readonly #starts = new Map<string, { count: number; since: number }>();

  constructor(options: { now: () => number; most: number; windowMs: number }) {
    this.#options = options;
  }

  /** Throws TOO_MANY_ATTEMPTS with the time to wait. */
  count(from: string): void {
    const { now, most, windowMs } = this.#options;
    const at = now();
    const known = this.#starts.get(from);
    const window = known !== undefined && known.since + windowMs > at ? known : { count: 0, since: at };
    if (window.count >= most) throw tooMany(window.since + windowMs - at);
    window.count += 1;
    this.#starts.delete(from);
    const oldest = this.#starts.size >= MOST_ENTRIES ? this.#starts.keys().next() : null;
    if (oldest?.done === false) this.#starts.delete(oldest.value);
    this.#starts.set(from, window);
  }
}

function tooMany(waitMs: number): BerthError {
  const seconds = Math.ceil(waitMs / 1000);
  return new BerthError("TOO_MANY_ATTEMPTS", `Cannot begin a login: too many were begun, wait ${seconds} s`, {
    retryAfterMs: seconds * 1000,
  });
}
