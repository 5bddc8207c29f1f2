/** Logins that have not ended, by the SHA-256 of their text; the text itself is never stored. */
export interface SessionStore {
  /**
   * Removes those that have ended by themselves, besides. False, and nothing is stored, where the account is deleted, or what
   * was proven of it does not hold any more, at the moment of the insert: no login overtakes what ends sessions.
   */
  insert(session: Session, options: { usedBefore: number; of: SessionOf | null }): Promise<boolean>;
  /** By the text that it has, or the one that it had before. */
  findByHash(hash: string): Promise<Session | null>;
  find(id: string): Promise<Session | null>;
  /** Of this principal, or, with null, of all, oldest first; `next` is the cursor of the following page. Throws CURSOR_INVALID. */
  list(options: {
    principal: string | null;
    limit: number;
    cursor: string | null;
  }): Promise<{ items: Session[]; next: string | null }>;
  /** Which of these ids are those of a session. */
  existing(ids: readonly string[]): Promise<string[]>;
  /** Notes when it was used last. */
  used(id: string, at: number): Promise<void>;
  /** Gives it the text of another hash, where it still has that of `was`, and `before` holds beside it. False where it has not. */
  turn(
    id: string,
    next: { was: string; before: string; hash: string; at: number; rights: string },
  ): Promise<boolean>;
  /** Says until when the text before the one of this hash holds, where nothing has been said of it. */
  settle(id: string, { hash, until }: { hash: string; until: number }): Promise<void>;
  /** The session that had the text of this hash at some time, and when it was given another; null where none had. */
  replaced(hash: string): Promise<{ session: Session; at: number } | null>;
  /** False when it is not there. */
  delete(id: string): Promise<boolean>;
}

/** What a session stands on; null: on nothing that is stored. */
export interface SessionOf {
  /** Of its account. */
  id: string;
  /** The hash of the password that was shown; null where none was. */
  password: string | null;
}

export interface Session {
  id: string;
  hash: string;
  principal: string;
  /** Where its principal has proven who it is. */
  provider: string;
  createdAt: number;
  /** About. */
  usedAt: number;
  /** However much it is used. */
  expiresAt: number;
  /** From where the login came. */
  address: string | null;
  /** What the client calls itself. */
  agent: string | null;
  /** Where it comes in a cookie, whose text is replaced now and then; null where a program sends it in a header. */
  turn: SessionTurn | null;
}

export interface SessionTurn {
  /** When it got its text. */
  at: number;
  /** What its principal had by then, in short. */
  rights: string;
  /** The text before; null for the first one. */
  before: {
    hash: string;
    /** Until when it still holds; null until the one of now has been shown. */
    until: number | null;
  } | null;
}
