/** An issuer as an operator describes it. */
export interface OidcOptions {
  /** By which people choose it. */
  name: string;
  issuer: URL;
  clientId: string;
  clientSecret: string | null;
  /** Whom to trust to sign its certificate, PEM; null for whom everybody trusts. */
  ca: string | null;
  /** Asked for beside `openid`. */
  scopes: readonly string[];
  claims: {
    /** What somebody is called: the name of the account that is made. */
    name: string;
    display: string;
    groups: string;
  };
  /** From the name of a group there to one here; null takes all as they are called. */
  groupMap: Readonly<Record<string, string>> | null;
  /** For one question. */
  timeoutMs: number;
}
