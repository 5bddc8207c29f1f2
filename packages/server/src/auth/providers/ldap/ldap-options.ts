/** A directory as an operator describes it. */
export interface LdapOptions {
  /** By which people choose it. */
  name: string;
  /** `ldap://` or `ldaps://`, in the order in which they are asked. */
  servers: readonly string[];
  /** Whether `ldap://` becomes TLS before anything is said. */
  startTls: boolean;
  /** Whom to trust to sign the servers' certificates, PEM; null for whom everybody trusts. */
  ca: string | null;
  /** Who looks for people and groups; null for nobody in particular. */
  bind: { dn: string; password: string } | null;
  users: {
    base: string;
    /** What else must hold of a person, as LDAP writes it. */
    filter: string | null;
    /** The attribute that people log in by. */
    name: string;
    display: string;
    /** What never changes about a person; null for `objectGUID`, `entryUUID`, else the DN. */
    id: string | null;
  };
  /** null: groups of the directory count for nothing. */
  groups: {
    base: string;
    /** The attribute of a group that names its members. */
    member: string;
    name: string;
    /** Whether a group in a group counts. */
    nested: boolean;
    /** From its name or DN to the name of a group here; null takes all as they are called. */
    map: Readonly<Record<string, string>> | null;
  } | null;
  /** For one question. */
  timeoutMs: number;
}
