import { BerthError } from "@berth/protocol";
import { networkOf } from "../../../core/caller/network-of.ts";
import { hashOf } from "../../tokens.ts";
import type { ProvenIdentity } from "../provider.ts";
import type { CodeStart, Oidc } from "./oidc.ts";

/** Somebody who has not come back by then begins anew. */
const LIFE_MS = 10 * 60_000;
/** That are under way; with one more the oldest is over, of one address (by IPv6 of one network) as of all. */
const MOST = 2000;
const MOST_OF_ONE = 50;
/** That an issuer is asked for at the moment. */
const MOST_STARTING = 100;
const MOST_STARTING_OF_ONE = 10;

interface Attempt {
  provider: string;
  from: string;
  /** Hash of what the browser keeps that it was begun with. */
  browser: string;
  next: string;
  until: number;
  proven: CodeStart["proven"];
}

export interface CodeLoginStart {
  address: string | null;
  /** Where the issuer sends the browser back to. */
  redirectUri: string;
  /** A text that this browser alone keeps. */
  browser: string;
  /** Where to go on. */
  next: string;
}

/** Logins that a browser goes on with at an issuer, and comes back from with a code: each once, in the browser that began it. */
export class CodeLogins {
  readonly #issuers: ReadonlyMap<string, Pick<Oidc, "startCode">>;
  readonly #now: () => number;
  /** By the hash of their state, oldest first. */
  readonly #open = new Map<string, Attempt>();
  /** Where those come from whom the issuer has not answered yet. */
  readonly #starting: string[] = [];

  constructor({ issuers, now }: { issuers: readonly Pick<Oidc, "name" | "startCode">[]; now: () => number }) {
    this.#issuers = new Map(issuers.map((issuer) => [issuer.name, issuer]));
    this.#now = now;
  }

  /** At whom one can log in. */
  get names(): string[] {
    return [...this.#issuers.keys()];
  }

  /** The issuer's page. Throws LOGIN_NOT_FOUND for one that is not there, TOO_MANY_ATTEMPTS, IDENTITY_UNAVAILABLE. */
  async begin(provider: string, { address, redirectUri, browser, next }: CodeLoginStart): Promise<string> {
    const issuer = this.#issuers.get(provider);
    if (issuer === undefined) throw notFound(`there is no issuer "${provider}"`);
    const from = networkOf(address);
    const { url, state, proven } = await this.#started(from, () => issuer.startCode(redirectUri));
    this.#makeRoom(from);
    const until = this.#now() + LIFE_MS;
    this.#open.set(hashOf(state), { provider, from, browser: hashOf(browser), next, until, proven });
    return url;
  }

  /**
   * Who has come back with this query, and where to go on; null for who has refused there. Throws LOGIN_NOT_FOUND for one that this
   * browser has not begun, or not in time, or that is spent; IDENTITY_UNAVAILABLE.
   */
  async finish(
    provider: string,
    { query, browser }: { query: URLSearchParams; browser: string | null },
  ): Promise<{ identity: ProvenIdentity; next: string } | null> {
    const key = hashOf(query.get("state") ?? "");
    const attempt = this.#open.get(key);
    const isOwn =
      attempt !== undefined &&
      browser !== null &&
      attempt.browser === hashOf(browser) &&
      attempt.provider === provider;
    // Somebody else's is left to whoever has begun it.
    if (!isOwn) throw notFound("this browser has begun none, or it is over");
    this.#open.delete(key);
    if (attempt.until <= this.#now()) throw notFound("it has taken more than ten minutes");
    const identity = await attempt.proven(query);
    return identity === null ? null : { identity, next: attempt.next };
  }

  async #started(from: string, start: () => Promise<CodeStart>): Promise<CodeStart> {
    const ofOne = this.#starting.filter((one) => one === from).length;
    if (this.#starting.length >= MOST_STARTING || ofOne >= MOST_STARTING_OF_ONE)
      throw new BerthError("TOO_MANY_ATTEMPTS", "Cannot begin another login: too many are begun at once", {
        retryAfterMs: 5000,
      });
    this.#starting.push(from);
    try {
      return await start();
    } finally {
      this.#starting.splice(this.#starting.indexOf(from), 1);
    }
  }

  #makeRoom(from: string): void {
    const now = this.#now();
    const mine: string[] = [];
    for (const [key, attempt] of this.#open) {
      if (attempt.until <= now) this.#open.delete(key);
      else if (attempt.from === from) mine.push(key);
    }
    const [oldest] = mine.length >= MOST_OF_ONE ? mine : this.#open.size >= MOST ? this.#open.keys() : [];
    if (oldest !== undefined) this.#open.delete(oldest);
  }
}

function notFound(why: string): BerthError {
  return new BerthError("LOGIN_NOT_FOUND", `Cannot go on with this login: ${why}`, {
    fix: "Begin it anew at `/login`, in the same browser",
  });
}
