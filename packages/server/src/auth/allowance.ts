import { BerthError } from "@berth/protocol";
import { keyOf, type Principal } from "../core/caller/principal.ts";

/** What somebody can hold open. A stream and a wait are calls too; a stream is one that goes on by itself. */
export type Good = "connections" | "streams" | "calls";

export interface AllowanceOptions {
  /** What all may hold together, over every door. */
  most: Readonly<Record<Good, number>>;
  /** The part of it that one principal may hold, from 0 to 1. */
  share: number;
  /** Who gets what is held back. */
  isKeeper: (principal: Principal) => boolean;
}

const setting: Readonly<Record<Good, string>> = {
  connections: "BERTH_MAX_CONNECTIONS",
  streams: "BERTH_MAX_STREAMS",
  calls: "BERTH_MAX_CALLS",
};
/** What only keepers of the server get: they must be able to end what the others hold. */
const reserve = 0.1;

/** Counts what is held open by whom, and says when it is enough. One for all doors. */
export class Allowance {
  readonly #options: AllowanceOptions;
  readonly #held = new Map<string, number>();

  /** Where nobody says otherwise, nobody is a keeper. */
  constructor({
    most = { connections: 4096, streams: 1024, calls: 4096 },
    share = 0.25,
    isKeeper = () => false,
  }: Partial<AllowanceOptions> = {}) {
    this.#options = { most, share, isKeeper };
  }

  /** Returns how to give it back, once or more. Throws TOO_MANY_OPEN, which names the bound. */
  take(good: Good, principal: Principal): () => void {
    const own = `${good} ${keyOf(principal)}`;
    this.#check(good, principal, own);
    this.#add(good, 1);
    this.#add(own, 1);
    let isHeld = true;
    return () => {
      if (!isHeld) return;
      isHeld = false;
      this.#add(good, -1);
      this.#add(own, -1);
    };
  }

  /** How many of a good are held by all. */
  held(good: Good): number {
    return this.#held.get(good) ?? 0;
  }

  #check(good: Good, principal: Principal, own: string): void {
    const { most, share } = this.#options;
    const isKeeper = this.#options.isKeeper(principal);
    const mostOfAll = isKeeper ? most[good] : Math.max(1, Math.floor(most[good] * (1 - reserve)));
    const mostOfOne = Math.max(1, Math.floor(most[good] * share));
    // A keeper's calls are what ends anybody's excess, also that of keepers.
    const isBounded = !(isKeeper && good === "calls");
    if (isBounded && (this.#held.get(own) ?? 0) >= mostOfOne) {
      throw tooMany(`"${principal.name}" has ${mostOfOne} ${good} open, the most of one principal`, good);
    }
    if (this.held(good) >= mostOfAll) {
      throw tooMany(`${mostOfAll} ${good} are open, the most of all together`, good);
    }
  }

  #add(key: string, difference: number): void {
    const count = (this.#held.get(key) ?? 0) + difference;
    if (count === 0) this.#held.delete(key);
    else this.#held.set(key, count);
  }
}

function tooMany(why: string, good: Good): BerthError {
  const bound = `${setting[good]} and BERTH_PRINCIPAL_SHARE`;
  return new BerthError("TOO_MANY_OPEN", `Cannot open another of ${good}: ${why} (${bound})`);
}
