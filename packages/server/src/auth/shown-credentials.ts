import type { Caller } from "../core/caller/caller.ts";
import { deadlineSignal, type HeldSignal } from "../lib/signals.ts";
import { unauthenticated } from "./tokens.ts";

/** How long a token that was found is taken for valid without asking the store again. */
const CACHE_MS = 2000;
const CACHE_SIZE = 1000;
/** The last use of one is written no more often than this. */
const USE_MS = 60_000;

/** What is looked up by the hash of a text that a caller shows. */
interface Shown {
  id: string;
  expiresAt: number | null;
  usedAt: number | null;
}

interface Store<T extends Shown> {
  findByHash(hash: string): Promise<T | null>;
  existing(ids: readonly string[]): Promise<string[]>;
  used(id: string, at: number): Promise<void>;
}

export interface ShownCredentialsOptions<T extends Shown> {
  kind: Caller["credential"]["kind"];
  store: Store<T>;
  now: () => number;
  /** One that is not used for so long, in ms, has ended; left out where that does not matter. */
  idleMs?: number;
}

/** Texts that callers show, of one kind: whose they are, and what is open by them, which ends with them. */
export class ShownCredentials<T extends Shown> {
  readonly #kind: ShownCredentialsOptions<T>["kind"];
  readonly #idleMs: number;
  readonly #store: Store<T>;
  readonly #now: () => number;
  readonly #cache = new Map<string, { token: T; until: number }>();
  readonly #held = new Set<{ id: string; controller: AbortController }>();
  /** When the use of a token was written last, or tried to be, by its id. */
  readonly #uses = new Map<string, number>();
  /** Grows whenever a token may have been revoked. */
  #changes = 0;
  /** At which of these changes a token was found to be there, by its id. */
  readonly #sound = new Map<string, number>();

  constructor({ kind, store, now, idleMs = Infinity }: ShownCredentialsOptions<T>) {
    this.#kind = kind;
    this.#store = store;
    this.#now = now;
    this.#idleMs = idleMs;
  }

  /** What the text with this hash stands for. Throws UNAUTHENTICATED when it stands for nothing that holds. */
  async find(hash: string): Promise<T> {
    const found = await this.#find(hash);
    if (!found) throw unauthenticated(`the ${this.#kind} is not known`);
    const now = this.#now();
    const used = Math.max(found.usedAt ?? now, this.#uses.get(found.id) ?? 0);
    if ((found.expiresAt ?? Infinity) <= now || used + this.#idleMs <= now)
      throw unauthenticated(`the ${this.#kind} has expired`);
    this.#noteUse(found);
    return found;
  }

  /**
   * A signal for as long as something is open that came by this credential: aborts when it is of this kind and is revoked or
   * expires. Let go of it when the stream or the wait is over.
   */
  hold({ kind, id, expiresAt }: Caller["credential"]): HeldSignal {
    const entry = { id, controller: new AbortController() };
    if (kind !== this.#kind) return { signal: entry.controller.signal, [Symbol.dispose]: () => undefined };
    this.#held.add(entry);
    // The request may have been long in coming: its token may be gone by now.
    if ((this.#sound.get(id) ?? 0) < this.#changes) void this.#endUnlessThere(entry);
    const end =
      expiresAt === undefined
        ? null
        : deadlineSignal(expiresAt - this.#now(), unauthenticated(`the ${this.#kind} has expired`));
    end?.signal.addEventListener("abort", () => entry.controller.abort(end.signal.reason), { once: true });
    return {
      signal: entry.controller.signal,
      [Symbol.dispose]: () => {
        end?.[Symbol.dispose]();
        this.#held.delete(entry);
      },
    };
  }

  /** What this text stands for has changed, and what is open by it goes on. */
  lookAgain(hash: string): void {
    this.#cache.delete(hash);
  }

  /** One was revoked, which is stored: from now on it proves nothing, and what is open by it ends. */
  forget(id: string): void {
    this.#changes += 1;
    this.#cache.clear();
    this.#end((held) => held === id);
  }

  /** Another process may have revoked some: ends what is open by those that are there no more. */
  async reload(): Promise<void> {
    this.#changes += 1;
    this.#cache.clear();
    await this.#lookFor([...new Set([...this.#held].map(({ id }) => id))]);
  }

  async #find(hash: string): Promise<T | null> {
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
  #keep(hash: string, token: T): void {
    if (this.#cache.size >= CACHE_SIZE) this.#cache.clear();
    this.#cache.set(hash, { token, until: this.#now() + CACHE_MS });
    this.#noteSound(token.id, this.#changes);
  }

  /** Nobody waits for it. Where it cannot be written, a later use is: a full disk is not tried with every request. */
  #noteUse({ id, usedAt }: T): void {
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

  #end(isMeant: (id: string) => boolean): void {
    const reason = unauthenticated(`the ${this.#kind} was revoked`);
    for (const { id, controller } of this.#held) if (isMeant(id)) controller.abort(reason);
  }
}

/** The same for a token that somebody else vouches for: nobody tells of its revocation, but its end is known. */
export function holdToEnd({ kind, expiresAt }: Caller["credential"], now: () => number): HeldSignal {
  if (kind === "introspection" && expiresAt !== undefined)
    return deadlineSignal(expiresAt - now(), unauthenticated("the token has expired"));
  return { signal: new AbortController().signal, [Symbol.dispose]: () => undefined };
}
