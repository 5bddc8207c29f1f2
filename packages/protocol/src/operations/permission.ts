/** The nouns of the contract, as roles name them. */
export const resources = [
  "jobs",
  "runners",
  "tasks",
  "schedules",
  "webhooks",
  "uploads",
  "certificates",
  "networks",
  "secrets",
  "engines",
  "images",
  "server",
  "access",
  "users",
  "groups",
  "sessions",
  "roles",
  "bindings",
  "tokens",
  "quotas",
  "audit",
] as const;

/** What can be done to them, as roles name it. */
export const verbs = [
  "read",
  "list",
  "create",
  "update",
  "delete",
  "execute",
  "stop",
  "open",
  "admin",
] as const;

/** What a caller must be allowed to do. Deny is the default; owners may act on what is theirs. */
export interface Permission {
  resource: (typeof resources)[number];
  verb: (typeof verbs)[number];
  /** It changes nothing, whatever the verb: what shows something to whoever may do what the verb says. */
  reads?: true;
}
