import type { Clock } from "../../../lib/clock.ts";

/** Opens addresses where the packets pass, at the ports that the job's profile has for names. */
export interface Opener {
  /**
   * Resolves when packets of the job behind that link pass to all of these. One that is open already is open for that long
   * from now on.
   */
  open(link: string, addresses: readonly string[], ms: number): Promise<void>;
}

/** Addresses that one job may have open at once: they are elements of sets that all jobs share. */
const MOST_OPENINGS = 4096;

interface Open {
  until: number;
  /** Resolves when packets pass. */
  passes: Promise<void>;
}

/** What was opened for one job, and until when. */
export class Openings {
  readonly #link: string;
  readonly #opener: Opener;
  readonly #clock: Clock;
  readonly #most: number;
  readonly #open = new Map<string, Open>();

  constructor(link: string, parts: { opener: Opener; clock: Clock; most?: number }) {
    this.#link = link;
    this.#opener = parts.opener;
    this.#clock = parts.clock;
    this.#most = parts.most ?? MOST_OPENINGS;
  }

  /**
   * Sees to it that these addresses are open for `leastMs` more; what is not is opened for `ms`. Resolves, once packets pass,
   * to those that there was room for.
   */
  async open(
    addresses: readonly string[],
    { leastMs, ms }: { leastMs: number; ms: number },
  ): Promise<string[]> {
    const now = this.#clock.monotonic();
    const isOpen = (address: string): boolean => (this.#open.get(address)?.until ?? 0) >= now + leastMs;
    const due = this.#roomFor(
      addresses.filter((address) => !isOpen(address)),
      now,
    );
    if (due.length > 0) this.#openAll(due, { ms, until: now + ms });
    const open = addresses.flatMap((address) => this.#open.get(address) ?? []);
    await Promise.all(open.map(({ passes }) => passes));
    return addresses.filter((address) => isOpen(address));
  }

  /** None is open any more. */
  forget(): void {
    this.#open.clear();
  }

  /** Addresses that are open, or were until a moment ago. */
  get size(): number {
    return this.#open.size;
  }

  /** Those that are open for a shorter time, and as many new ones as may come beside them. */
  #roomFor(addresses: readonly string[], now: number): string[] {
    if (this.#open.size + addresses.length > this.#most) this.#drop(now);
    const fresh = addresses.filter((address) => !this.#open.has(address));
    const room = Math.max(this.#most - this.#open.size, 0);
    const taken = new Set(fresh.slice(0, room));
    return addresses.filter((address) => this.#open.has(address) || taken.has(address));
  }

  #drop(now: number): void {
    for (const [address, { until }] of this.#open) if (until <= now) this.#open.delete(address);
  }

  /** At once, before any waiting: who asks for the same meanwhile waits for the same. */
  #openAll(addresses: readonly string[], { ms, until }: { ms: number; until: number }): void {
    const passes = this.#opener.open(this.#link, addresses, ms);
    const open: Open = { until, passes };
    for (const address of addresses) this.#open.set(address, open);
    passes.catch(() => {
      // What may not be open is opened anew for who asks next.
      for (const address of addresses) if (this.#open.get(address) === open) this.#open.delete(address);
    });
  }
}
