import type { BerthError } from "@berth/protocol";
import type { Session, SessionStore, SessionTurn } from "../../store/session-store.ts";
import { hashOf, unauthenticated } from "../tokens.ts";
import { newSessionText, type ShownSessions } from "./shown-sessions.ts";

/**
 * For so long a text still holds after the next one was shown: requests of other tabs are on their way with it. And for so long
 * nothing is made of it that the next one is not shown: the answer in which it was may be on its way.
 */
const OVERLAP_MS = 60_000;

export interface CookieSessionsOptions {
  shown: Pick<ShownSessions, "checkCookie" | "lookAgain">;
  store: Pick<SessionStore, "turn" | "settle" | "replaced">;
  now: () => number;
  /** A text is replaced when it has been there for so long. */
  turnMs: number;
  /** What a principal has at the moment, in short: with something else the text is replaced as well. */
  rightsOf: (name: string) => string;
  /** Ends a session of which a text was shown that had been replaced: somebody has a copy. */
  end: (session: Session) => Promise<void>;
}

/** What a cookie shows; `renewed` is the text that the browser is to have from now on, null where it has it. */
export interface ShownCookie {
  session: Session;
  renewed: string | null;
}

/**
 * Sessions that browsers show in cookies. Whoever has read one somewhere can use it for as long as it is the text of its
 * session, so that is replaced now and then, by one that owes nothing to it. All tabs of a browser keep one cookie: who shows a
 * text that was replaced a while ago is another than who was given the next one, and nobody knows which of the two is the
 * owner, so that the session ends.
 */
export class CookieSessions {
  readonly #options: CookieSessionsOptions;

  constructor(options: CookieSessionsOptions) {
    this.#options = options;
  }

  /** Whose session this text shows. Throws UNAUTHENTICATED. */
  async check(text: string): Promise<ShownCookie> {
    const { shown } = this.#options;
    const session = await shown.checkCookie(text).catch((error: unknown) => this.#ofLongAgo(text, error));
    const { turn } = session;
    if (turn === null) throw unauthenticated("the session is not known");
    const hash = hashOf(text);
    if (session.hash !== hash) return { session, renewed: await this.#ofBefore(hash, session, turn) };
    if (this.#isDue(session, turn)) return { session, renewed: await this.#turn(hash, session) };
    await this.#settle(session, turn);
    return { session, renewed: null };
  }

  /** A text that its session had before the two that it has: whoever shows it has been away, or has a copy of long ago. */
  async #ofLongAgo(text: string, unknown: unknown): Promise<never> {
    const { store, now, end } = this.#options;
    const had = await store.replaced(hashOf(text));
    // A request of another tab may have been on its way while the text was replaced twice.
    if (had === null || had.at + OVERLAP_MS > now()) throw unknown;
    await end(had.session);
    throw replacedTextShown();
  }

  #isDue({ principal }: Session, { at, rights }: SessionTurn): boolean {
    const { now, turnMs, rightsOf } = this.#options;
    return at + turnMs <= now() || rights !== rightsOf(principal);
  }

  /** For who shows the text before, whose hash this is. Where nobody has shown the next one, the answer in which it was is lost. */
  async #ofBefore(hash: string, session: Session, { at, before }: SessionTurn): Promise<string | null> {
    const { now, end } = this.#options;
    const until = before?.until ?? null;
    if (until === null) return at + OVERLAP_MS <= now() ? await this.#turn(hash, session) : null;
    if (until > now()) return null;
    await end(session);
    throw replacedTextShown();
  }

  /**
   * `before`: the hash of what the browser shows. null where the store does not take it, and the text stays: nobody is to be
   * shut out by a full disk; and where another request was first, whose answer brings the next one.
   */
  async #turn(before: string, { id, hash: was, principal }: Session): Promise<string | null> {
    const { store, shown, now, rightsOf } = this.#options;
    const next = newSessionText("cookie");
    const turned = { was, before, hash: hashOf(next), at: now(), rights: rightsOf(principal) };
    try {
      const done = await store.turn(id, turned);
      shown.lookAgain(was);
      shown.lookAgain(before);
      return done ? next : null;
    } catch {
      return null;
    }
  }

  /** The first time that a text is shown, the end of the one before it is set. */
  async #settle({ id, hash }: Session, { before }: SessionTurn): Promise<void> {
    if (before === null || before.until !== null) return;
    const { store, shown, now } = this.#options;
    await store.settle(id, { hash, until: now() + OVERLAP_MS }).catch(() => undefined);
    shown.lookAgain(hash);
    shown.lookAgain(before.hash);
  }
}

function replacedTextShown(): BerthError {
  return unauthenticated("the session has ended: a text of it was shown that had been replaced");
}
