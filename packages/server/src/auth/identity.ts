import type { Principal } from "../core/principal.ts";

/** The port that every way of proving who one is implements. */
export interface Identity {
  /** Who sends this `Authorization` header. Throws UNAUTHENTICATED when it proves nobody. */
  authenticate(authorization: string | undefined): Promise<Principal>;
}
