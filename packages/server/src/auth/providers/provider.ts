/** What somebody shows who logs in by name and password. */
export interface ShownPassword {
  /** As it was typed. */
  name: string;
  password: string;
  /** Where it comes from: what one asks for much waits behind others. */
  address: string | null;
}

/** Who somebody has proven to be. */
export interface ProvenIdentity {
  /** What the provider will always know it by, whatever it is called by then. */
  subject: string;
  /** What it is called now: the name of the account that is made for it, where there is none yet. */
  name: string;
  /** As people would write it; null where the provider does not say. */
  display: string | null;
  /** The groups that the provider puts it in; null where it knows of none, and what is known here counts. */
  groups: readonly string[] | null;
  /** The stored hash of the password that was shown: the proof is over when another is stored. Left out where none is kept here. */
  password?: string;
}

/**
 * One place that knows people by their passwords. Which account somebody gets who has proven something there is decided
 * behind it, in `auth/login/sign-in.ts`.
 */
export interface Provider {
  /** By which people choose it, and under which its identities are stored: never changes. */
  readonly name: string;
  /**
   * null where name and password do not go together: whether the name is known is told to nobody, also not by the time that
   * the answer takes. `told` hears why, where the provider says more than that: for the operator alone. Throws
   * IDENTITY_UNAVAILABLE where nobody can say: that is never a login.
   */
  verify(
    shown: ShownPassword,
    signal: AbortSignal,
    told?: (why: string) => void,
  ): Promise<ProvenIdentity | null>;
}
