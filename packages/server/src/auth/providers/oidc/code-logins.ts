import { BerthError } from "@berth/protocol";
import { networkOf, siteOf } from "../../../core/caller/network-of.ts";
import { hashOf } from "../../tokens.ts";
import type { ProvenIdentity } from "../provider.ts";
import { StartRate } from "./start-rate.ts";
import { largestSite } from "./largest-site.ts";
import type { CodeStart, Oidc } from "./oidc.ts";

/** Somebody who has not come back by then begins anew. */
const LIFE_MS = 10 * 60_000;
/** That are under way; with one more the oldest is over of the house that has most. */
const MOST = 2000;
/** Of one address (by IPv6 of one network) and of one house; with one more their own oldest is over. */
const MOST_OF_ONE = 50;
const MOST_OF_SITE = 200;
/** That an issuer is asked for at the moment. */
const MOST_STARTING = 100;
const MOST_STARTING_OF_ONE = 10;
const MOST_STARTING_OF_SITE = 25;

/** Begun within a minute by one address, whatever became of them: each may ask the issuer. */
const MOST_STARTS = 60;
const START_WINDOW_MS = 60_000;

interface Attempt {
  provider: string;
  from: string;
  site: string;
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
  readonly #starts: StartRate;
  /** Where those come from whom the issuer has not answered yet. */
  readonly #starting = new Set<{ from: string; site: string }>();

  constructor({ issuers, now }: { issuers: readonly Pick<Oidc, "name" | "startCode">[]; now: () => number }) {
    this.#issuers = new Map(issuers.map((issuer) => [issuer.name, issuer]));
    this.#now = now;
    this.#starts = new StartRate({ now, most: MOST_STARTS, windowMs: START_WINDOW_MS });
  }

  /** At whom one can log in. */
  get names(): string[] {
    return [...this.#issuers.keys()];
  }

  /** The issuer's page. Throws LOGIN_NOT_FOUND for one that is not there, TOO_MANY_ATTEMPTS, IDENTITY_UNAVAILABLE. */
  async begin(provider: string, { address, redirectUri, browser, next }: CodeLoginStart): Promise<string> {
    const issuer = this.#issuers.get(provider);
    if (issuer === undefined) throw notFound(`there is no issuer "${provider}"`);
    const where = { from: networkOf(address), site: siteOf(address) };
    this.#starts.count(where.from);
    const { url, state, proven } = await this.#started(where, () => issuer.startCode(redirectUri));
    this.#makeRoom(where);
    const until = this.#now() + LIFE_MS;
    this.#open.set(hashOf(state), { provider, ...where, browser: hashOf(browser), next, until, proven });
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

  async #started(where: { from: string; site: string }, start: () => Promise<CodeStart>): Promise<CodeStart> {
    const all = [...this.#starting];
    const ofOne = all.filter(({ from }) => from === where.from).length;
    const ofSite = all.filter(({ site }) => site === where.site).length;
    if (all.length >= MOST_STARTING || ofOne >= MOST_STARTING_OF_ONE || ofSite >= MOST_STARTING_OF_SITE)
      throw new BerthError("TOO_MANY_ATTEMPTS", "Cannot begin another login: too many are begun at once", {
        retryAfterMs: 5000,
      });
    this.#starting.add(where);
    try {
      return await start();
    } finally {
      this.#starting.delete(where);
    }
  }

  #makeRoom({ from, site }: { from: string; site: string }): void {
    const now = this.#now();
    const ofOne: string[] = [];
    const ofSite: string[] = [];
    for (const [key, attempt] of this.#open) {
      if (attempt.until <= now) this.#open.delete(key);
      else if (attempt.site === site) ofSite.push(key);
      if (attempt.until > now && attempt.from === from) ofOne.push(key);
    }
    const oldest = ofOne.length >= MOST_OF_ONE ? ofOne[0] : ofSite.length >= MOST_OF_SITE ? ofSite[0] : null;
    const over = oldest ?? (this.#open.size >= MOST ? largestSite(this.#open)?.oldest : null) ?? null;
    if (over !== null) this.#open.delete(over);
  }
}

function notFound(why: string): BerthError {
  return new BerthError("LOGIN_NOT_FOUND", `Cannot go on with this login: ${why}`, {
    fix: "Begin it anew at `/login`, in the same browser",
  });
}
