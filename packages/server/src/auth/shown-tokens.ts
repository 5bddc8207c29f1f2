import type { BerthError } from "@berth/protocol";
import type { Caller } from "../core/caller/caller.ts";
import { deadlineSignal, type HeldSignal } from "../lib/signals.ts";
import type { ApiToken, TokenStore } from "../store/store.ts";
import { bearerToken, hashOf, unauthenticated } from "./tokens.ts";

/** How long a token that was found is taken for valid without asking the store again. */
const CACHE_MS = 2000;
const CACHE_SIZE = 1000;
/** The last use of a token is written no more often than this. */
const USE_MS = 60_000;

type Store = Pick<TokenStore, "findByHash" | "existing" | "used">;

/** The tokens that callers show: whose they are, and what is open by them, which ends with them. */
export class ShownTokens {
  readonly #store: Store;
  readonly #now: () => number;
  readonly #cache = new Map<string, { token: ApiToken; until: number }>();
  readonly #held = new Set<{ id: string; controller: AbortController }>();
  /** When the use of a token was written last, or tried to be, by its id. */
  readonly #uses = new Map<string, number>();
  /** Grows whenever a token may have been revoked. */
  #changes = 0;
  /** At which of these changes a token was found to be there, by its id. */
  readonly #sound = new Map<string, number>();

  constructor({ tokens, now }: { tokens: Store; now: () => number }) {
    this.#store = tokens;
    this.#now = now;
  }

  /** The token of an `Authorization` header. Throws UNAUTHENTICATED when there is none that holds. */
  async check(authorization: string | undefined): Promise<ApiToken> {
    const token = await this.#find(hashOf(bearerToken(authorization)));
    if (!token) throw unauthenticated("the token is not known");
    if (token.expiresAt !== null && token.expiresAt <= this.#now())
      throw unauthenticated("the token has expired");
    return token;
  }

  /**
   * A signal for as long as something is open that came by this credential: aborts when it was a token and is revoked or
   * expires. Let go of it when the stream or the wait is over.
   */
  hold({ kind, id, expiresAt }: Caller["credential"]): HeldSignal {
    const entry = { id, controller: new AbortController() };
    if (kind !== "token") return { signal: entry.controller.signal, [Symbol.dispose]: () => undefined };
    this.#held.add(entry);
    // The request may have been long in coming: its token may be gone by now.
    if ((this.#sound.get(id) ?? 0) < this.#changes) void this.#endUnlessThere(entry);
    const end =
      expiresAt === undefined
        ? null
        : deadlineSignal(expiresAt - this.#now(), unauthenticated("the token has expired"));
    end?.signal.addEventListener("abort", () => entry.controller.abort(end.signal.reason), { once: true });
    return {
      signal: entry.controller.signal,
      [Symbol.dispose]: () => {
        end?.[Symbol.dispose]();
        this.#held.delete(entry);
      },
    };
  }

  /** A token was revoked, which is stored: from now on it proves nothing, and what is open by it ends. */
  forget(id: string): void {
    this.#changes += 1;
    this.#cache.clear();
    this.#end((held) => held === id);
  }

  /** Another process may have revoked tokens: ends what is open by those that are there no more. */
  async reload(): Promise<void> {
    this.#changes += 1;
    this.#cache.clear();
    await this.#lookFor([...new Set([...this.#held].map(({ id }) => id))]);
  }

  async #find(hash: string): Promise<ApiToken | null> {
    const cached = this.#cache.get(hash);
    if (cached && cached.until > this.#now()) return cached.token;
    this.#cache.delete(hash);
    for (;;) {
      const changes = this.#changes;
      const token = await this.#store.findByHash(hash);
      // What was found may have been revoked while it was on its way.
      if (changes !== this.#changes) continue;
      if (token) this.#keep(hash, token);
      return token;
    }
  }

  /** Only tokens that exist are kept, so that guesses cannot crowd them out. */
  #keep(hash: string, token: ApiToken): void {
    if (this.#cache.size >= CACHE_SIZE) this.#cache.clear();
    this.#cache.set(hash, { token, until: this.#now() + CACHE_MS });
    this.#noteSound(token.id, this.#changes);
    this.#noteUse(token);
  }

  /** Nobody waits for it. Where it cannot be written, a later use is: a full disk is not tried with every request. */
  #noteUse({ id, usedAt }: ApiToken): void {
    const now = this.#now();
    const last = Math.max(usedAt ?? 0, this.#uses.get(id) ?? 0);
    if (now - last < USE_MS) return;
    if (this.#uses.size >= CACHE_SIZE) this.#uses.clear();
    this.#uses.set(id, now);
    this.#store.used(id, now).catch(() => undefined);
  }

  async #endUnlessThere({ id, controller }: { id: string; controller: AbortController }): Promise<void> {
    try {
      await this.#lookFor([id]);
    } catch (error) {
      // Nobody can say whether it still held when this came. What was open before is judged when the change is told of.
      controller.abort(error);
    }
  }

  async #lookFor(ids: readonly string[]): Promise<void> {
    if (ids.length === 0) return;
    const changes = this.#changes;
    const there = new Set(await this.#store.existing(ids));
    for (const id of there) this.#noteSound(id, changes);
    this.#end((held) => ids.includes(held) && !there.has(held));
  }

  /** Whoever is not noted is looked for once more. */
  #noteSound(id: string, changes: number): void {
    if (this.#sound.size >= CACHE_SIZE) this.#sound.clear();
    this.#sound.set(id, Math.max(changes, this.#sound.get(id) ?? 0));
  }

  #end(isMeant: (id: string) => boolean, reason: unknown = revoked()): void {
    for (const { id, controller } of this.#held) if (isMeant(id)) controller.abort(reason);
  }
}

function revoked(): BerthError {
  return unauthenticated("the token was revoked");
}
