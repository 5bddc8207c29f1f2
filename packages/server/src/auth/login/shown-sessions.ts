import type { Session, SessionStore } from "../../store/session-store.ts";
import { ShownCredentials } from "../shown-credentials.ts";
import { hashOf, unauthenticated } from "../tokens.ts";

const SESSION = /^berth_s_[A-Za-z0-9_-]{43}$/;

/** The sessions that callers show. */
export class ShownSessions extends ShownCredentials<Session> {
  constructor({
    sessions,
    now,
    idleMs,
  }: {
    sessions: Pick<SessionStore, "findByHash" | "existing" | "used">;
    now: () => number;
    idleMs: number;
  }) {
    super({ kind: "session", store: sessions, now, idleMs });
  }

  /** Whose session this text shows. Throws UNAUTHENTICATED. */
  async check(text: string): Promise<Session> {
    if (!SESSION.test(text)) throw unauthenticated("the session is not known");
    return await this.find(hashOf(text));
  }
}

/** Whether a bearer's text can only be a session's: the texts of tokens are shorter. */
export function isSessionText(text: string): boolean {
  return SESSION.test(text);
}
