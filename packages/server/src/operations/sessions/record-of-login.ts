import type { Audit } from "../../audit/audit.ts";
import type { AuditEntry } from "../../core/audit/record.ts";
import type { Caller } from "../../core/caller/caller.ts";

/** What is recorded of a session that begins: as the doing of whoever has proven to be that account just now. */
export function recordOfLogin(audit: Pick<Audit, "entry">, caller: Caller, provider: string) {
  return (account: string, session: string): AuditEntry => ({
    ...audit.entry(caller, { resource: "sessions", verb: "login", name: session, about: { provider } }),
    account,
  });
}
