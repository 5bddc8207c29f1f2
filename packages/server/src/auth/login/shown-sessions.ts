import { randomBytes } from "node:crypto";
import type { Session, SessionStore } from "../../store/session-store.ts";
import { ShownCredentials } from "../shown-credentials.ts";
import { hashOf, unauthenticated } from "../tokens.ts";

/** Each begins as what carries it: neither can be shown in the place of the other. */
const PREFIX = { header: "berth_s_", cookie: "berth_c_" } as const;
const SESSION = /^berth_s_[A-Za-z0-9_-]{43}$/;
const IN_COOKIE = /^berth_c_[A-Za-z0-9_-]{43}$/;

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

  /** The same for what a cookie holds. Throws UNAUTHENTICATED. */
  async checkCookie(text: string): Promise<Session> {
    if (!IN_COOKIE.test(text)) throw unauthenticated("the session is not known");
    return await this.find(hashOf(text));
  }
}

/** 256 bits that nobody guesses. */
export function newSessionText(carrier: keyof typeof PREFIX): string {
  return PREFIX[carrier] + randomBytes(32).toString("base64url");
}

/** Whether a bearer's text can only be a session's: the texts of tokens are shorter. */
export function isSessionText(text: string): boolean {
  return SESSION.test(text);
}
