import type { Caller } from "../core/caller/caller.ts";

/** How a request came in, as its door saw it. */
export type Arrival = Pick<Caller, "door" | "address" | "requestId">;

/** What a certificate proves. Its door has checked its signature and that nobody has revoked it. */
interface ProvenCertificate {
  serial: string;
  /** Its common name, which is the principal. */
  cn: string;
}

/** The one place that says who is calling, for every door. */
export interface Identity {
  /** Who sends this `Authorization` header. Throws UNAUTHENTICATED when it proves nobody. */
  ofToken(authorization: string | undefined, arrival: Arrival): Promise<Caller>;
  /**
   * Whose session a browser's cookie shows; `renewed` is what the cookie is to hold from now on, null where it holds that. Its
   * door has made sure that a page of ours asks. Throws UNAUTHENTICATED.
   */
  ofCookie(text: string, arrival: Arrival): Promise<{ caller: Caller; renewed: string | null }>;
  /** At once: a door that ends a call by its certificate must know the caller before the first byte of the request. */
  ofCertificate(certificate: ProvenCertificate, arrival: Arrival): Caller;
  /** The program in whose process jobs run. */
  ofProcess(arrival: Arrival): Caller;
}
