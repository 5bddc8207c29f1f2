import type { AuditEntry, AuditOutcome } from "./record.ts";

/** Which records are meant. null: any. */
export interface AuditMatch {
  account: string | null;
  door: string | null;
  verb: string | null;
  resource: string | null;
  name: string | null;
  outcome: AuditOutcome | null;
  requestId: string | null;
  address: string | null;
  /** Epoch ms; the first inclusive, the second exclusive. */
  since: number | null;
  until: number | null;
}

const fields = ["account", "door", "verb", "resource", "name", "outcome", "requestId", "address"] as const;

export function matches(entry: AuditEntry, { since, until, ...match }: AuditMatch): boolean {
  if (since !== null && entry.at < since) return false;
  if (until !== null && entry.at >= until) return false;
  return fields.every((field) => match[field] === null || match[field] === entry[field]);
}
