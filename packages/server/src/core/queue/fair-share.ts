/**
 * Most that an owner may have had of the slots beyond whoever has had least: what is further back counts no more. Without
 * it somebody who ran for a night on an idle server would wait as long for everybody else.
 */
const MOST_LEAD_MS = 10 * 60_000;
/** Owners that run nothing are forgotten from here on, once they have no more than everybody. */
const MANY_OWNERS = 10_000;

/** What an owner has had of the slots. */
interface Share {
  /** Slot time in ms: two jobs for a second are two seconds. */
  used: number;
  running: number;
  /** Until when the time of what runs is in `used`. */
  until: number;
}

/** An owner with a job that waits. */
export interface Waiting {
  owner: string;
  /** Its next job: ids are in the order in which they were made. */
  id: string;
}

/**
 * Whose job is next: that of the owner who has had the least time of the slots; among equals, of who runs fewest; then the
 * oldest. Who comes, or comes again, begins where the one stands whose turn it was last, so that nobody is owed for having
 * been away, and whoever runs nothing is next. By time and not by starts: owners of short jobs start more of them.
 */
export class FairShare {
  readonly #shares = new Map<string, Share>();
  /** What the one had had whose turn it was last: nobody who waits has had less. */
  #least = 0;

  /** One of its jobs holds a slot from now on. `at` in ms, of a clock that nobody sets. */
  begin(owner: string, at: number): void {
    this.#asOf(owner, at).running += 1;
  }

  end(owner: string, at: number): void {
    const share = this.#asOf(owner, at);
    share.running = Math.max(share.running - 1, 0);
    this.#forget();
  }

  running(owner: string): number {
    return this.#shares.get(owner)?.running ?? 0;
  }

  /** null where nobody waits. */
  next<One extends Waiting>(waiting: Iterable<One>, at: number): One | null {
    let best: { one: One; share: Share } | null = null;
    for (const one of waiting) {
      const share = this.#asOf(one.owner, at);
      if (best === null || isBefore({ one, share }, best)) best = { one, share };
    }
    if (best === null) return null;
    this.#least = Math.max(this.#least, best.share.used);
    return best.one;
  }

  get owners(): number {
    return this.#shares.size;
  }

  #asOf(owner: string, at: number): Share {
    const share = this.#shares.get(owner) ?? { used: this.#least, running: 0, until: at };
    const used = share.used + share.running * (at - share.until);
    share.used = Math.min(Math.max(used, this.#least), this.#least + MOST_LEAD_MS);
    share.until = at;
    this.#shares.set(owner, share);
    return share;
  }

  /** Who is forgotten stands, when it comes again, where it would have stood. */
  #forget(): void {
    if (this.#shares.size < MANY_OWNERS) return;
    for (const [owner, { running, used }] of this.#shares)
      if (running === 0 && used <= this.#least) this.#shares.delete(owner);
    // Those who have had more, and are away: all are as good as new now.
    if (this.#shares.size < MANY_OWNERS / 2) return;
    for (const [owner, { running }] of this.#shares) if (running === 0) this.#shares.delete(owner);
  }
}

function isBefore(one: { one: Waiting; share: Share }, other: { one: Waiting; share: Share }): boolean {
  if (one.share.used !== other.share.used) return one.share.used < other.share.used;
  if (one.share.running !== other.share.running) return one.share.running < other.share.running;
  return one.one.id < other.one.id;
}
