import { createHash } from "node:crypto";
import { BerthError } from "@berth/protocol";
import { networkOf } from "../../core/caller/network-of.ts";

/** So many wrong passwords of one name from one address cost no wait. */
const FREE = 5;
const LONGEST_WAIT_MS = 15 * 60_000;
/** Of one address, whatever the names: somebody who tries one password with many. */
const PER_ADDRESS = 30;
const ADDRESS_WINDOW_MS = 60_000;
/** Of one name, from all addresses: somebody who has many of these. From then on only known addresses are free. */
const PER_NAME = 100;
const NAME_WINDOW_MS = 10 * 60_000;
/** Oldest out: what is kept of strangers is bounded. */
const MOST_ENTRIES = 20_000;

interface Tries {
  count: number;
  /** When it began to be counted. */
  since: number;
  /** Nobody may try before. */
  until: number;
}

/**
 * Slows down who guesses passwords. What is slowed down is a name at an address: whoever tries the name of somebody else
 * slows down that one at his own address alone, and shuts nobody out elsewhere. Where so many addresses try one name that
 * this is no hindrance, those that have logged in by it before go on free.
 */
export class Throttle {
  readonly #now: () => number;
  readonly #pairs = new Map<string, Tries>();
  readonly #addresses = new Map<string, Tries>();
  readonly #names = new Map<string, Tries>();
  /** Name and address of those that have logged in. */
  readonly #known = new Map<string, true>();

  constructor({ now }: { now: () => number }) {
    this.#now = now;
  }

  /** Counts a try that is about to be made. Throws TOO_MANY_ATTEMPTS with the time to wait. Returns what to call when it was right. */
  begin(key: string, address: string | null): () => void {
    const now = this.#now();
    const from = networkOf(address);
    const name = digestOf(key);
    const pair = digestOf(JSON.stringify([key, from]));
    const isKnown = this.#known.has(pair);
    const pairTries = tries(this.#pairs, { key: pair, now, windowMs: LONGEST_WAIT_MS });
    const addressTries = tries(this.#addresses, { key: from, now, windowMs: ADDRESS_WINDOW_MS });
    const nameTries = tries(this.#names, { key: name, now, windowMs: NAME_WINDOW_MS });
    const until = Math.max(
      pairTries.until,
      addressTries.count >= PER_ADDRESS ? addressTries.since + ADDRESS_WINDOW_MS : 0,
      !isKnown && nameTries.count >= PER_NAME ? nameTries.since + NAME_WINDOW_MS : 0,
    );
    // What is refused is not kept: else one address could push out what is known of all others.
    if (until > now) throw tooMany(until - now);
    keep(this.#pairs, pair, pairTries);
    keep(this.#addresses, from, addressTries);
    keep(this.#names, name, nameTries);
    // Before the answer is there: many at once are not one.
    for (const each of [pairTries, addressTries, nameTries]) each.count += 1;
    if (pairTries.count >= FREE) pairTries.until = now + waitAfter(pairTries.count);
    return () => {
      this.#pairs.delete(pair);
      addressTries.count -= 1;
      nameTries.count -= 1;
      this.#known.delete(pair);
      keep(this.#known, pair, true);
    };
  }
}

function waitAfter(count: number): number {
  return Math.min(LONGEST_WAIT_MS, 1000 * 2 ** Math.min(count - FREE, 20));
}

/** What is counted of a key; begun anew, and not kept yet, where there is nothing or it is too long ago. */
function tries(
  all: ReadonlyMap<string, Tries>,
  { key, now, windowMs }: { key: string; now: number; windowMs: number },
): Tries {
  const found = all.get(key);
  if (found !== undefined && Math.max(found.until, found.since) + windowMs > now) return found;
  return { count: 0, since: now, until: 0 };
}

/** A name may be long, and is a stranger's: this is short, whatever it is. */
function digestOf(text: string): string {
  return createHash("sha256").update(text).digest("base64");
}

function keep<T>(all: Map<string, T>, key: string, value: T): void {
  if (all.get(key) === value) return;
  all.delete(key);
  const oldest = all.size >= MOST_ENTRIES ? all.keys().next() : null;
  if (oldest?.done === false) all.delete(oldest.value);
  all.set(key, value);
}

function tooMany(waitMs: number): BerthError {
  const seconds = Math.ceil(waitMs / 1000);
  return new BerthError("TOO_MANY_ATTEMPTS", `Cannot log in: too many tries, wait ${seconds} s`, {
    retryAfterMs: seconds * 1000,
  });
}
