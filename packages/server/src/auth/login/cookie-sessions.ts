import { createHmac, randomBytes } from "node:crypto";
import type { Session, SessionStore, SessionTurn } from "../../store/session-store.ts";
import { hashOf, unauthenticated } from "../tokens.ts";
import { newSessionText, type ShownSessions } from "./shown-sessions.ts";

/** For so long a text still holds after the next one was shown: requests of other tabs are on their way with it. */
const OVERLAP_MS = 60_000;

export interface CookieSessionsOptions {
  shown: Pick<ShownSessions, "checkCookie" | "lookAgain">;
  store: Pick<SessionStore, "turn" | "settle" | "findByHash">;
  now: () => number;
  /** A text is replaced when it has been there for so long. */
  turnMs: number;
  /** What a principal has at the moment, in short: with something else the text is replaced as well. */
  rightsOf: (name: string) => string;
}

/** What a cookie shows; `renewed` is the text that the browser is to have from now on, null where it has it. */
export interface ShownCookie {
  session: Session;
  renewed: string | null;
}

/**
 * Sessions that browsers show in cookies. Whoever has read one somewhere can use it for as long as it is the text of its
 * session, so that is replaced now and then. The next text is made of the one before and a salt that is stored: whoever still
 * shows that one, as the answer was lost in which the next one was, gets the same next one again, as does each tab of several.
 */
export class CookieSessions {
  readonly #options: CookieSessionsOptions;

  constructor(options: CookieSessionsOptions) {
    this.#options = options;
  }

  /** Whose session this text shows. Throws UNAUTHENTICATED. */
  async check(text: string): Promise<ShownCookie> {
    const { shown, now } = this.#options;
    const session = await shown.checkCookie(text);
    const { turn } = session;
    if (turn === null) throw unauthenticated("the session is not known");
    if (session.hash !== hashOf(text)) return { session, renewed: nextOfBefore(text, turn, now()) };
    if (this.#isDue(session, turn)) return { session, renewed: await this.#turn(text, session) };
    await this.#settle(session, turn);
    return { session, renewed: null };
  }

  #isDue({ principal }: Session, { at, rights }: SessionTurn): boolean {
    const { now, turnMs, rightsOf } = this.#options;
    return at + turnMs <= now() || rights !== rightsOf(principal);
  }

  /** null where the store does not take it, and the text stays: nobody is to be shut out by a full disk. */
  async #turn(text: string, { id, hash: was, principal }: Session): Promise<string | null> {
    const { store, shown, now, rightsOf } = this.#options;
    const salt = randomBytes(32).toString("base64url");
    const next = nextText(text, salt);
    const turned = { was, hash: hashOf(next), salt, at: now(), rights: rightsOf(principal) };
    try {
      const done = await store.turn(id, turned);
      shown.lookAgain(was);
      if (done) return next;
      // Another request was first: its next text is the one.
      const turn = (await store.findByHash(was))?.turn;
      return turn?.before?.hash === was ? nextText(text, turn.before.salt) : null;
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

/** For whoever shows the text before: throws UNAUTHENTICATED when that is over. */
function nextOfBefore(text: string, { before }: SessionTurn, now: number): string {
  if (before === null || (before.until ?? Infinity) <= now) throw unauthenticated("the session has expired");
  return nextText(text, before.salt);
}

function nextText(text: string, salt: string): string {
  return newSessionText("cookie", createHmac("sha256", salt).update(text).digest());
}
