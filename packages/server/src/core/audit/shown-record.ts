import type { AuditRecord } from "@berth/protocol";
import { type AuditEntry, entryOf } from "./record.ts";

/** A record as everybody outside sees it, with its place in the chain, by which one that comes twice is known. */
export function shownRecord(stored: { chain: string; seq: number; n: number; text: string }): AuditRecord {
  const id = `${stored.chain}.${stored.seq}.${stored.n}`;
  const entry = readable(stored.text);
  if (entry === null) return { id, ...unreadable };
  const { at, about, changes, ...rest } = entry;
  return {
    id,
    at: new Date(at).toISOString(),
    ...rest,
    ...(about !== undefined && { about: Object.fromEntries(Object.entries(about).map(copied)) }),
    ...(changes !== undefined && { changes: [...changes] }),
  };
}

/** In the place of a text that somebody has made something else of: a verification says that it was changed. */
const unreadable = {
  at: new Date(0).toISOString(),
  account: null,
  door: "unknown",
  credential: null,
  address: null,
  requestId: null,
  verb: "unreadable",
  resource: "audit",
  name: null,
  outcome: "failed",
} as const;

function readable(text: string): AuditEntry | null {
  try {
    const entry = entryOf(text);
    return Number.isFinite(new Date(entry.at).getTime()) ? entry : null;
  } catch {
    return null;
  }
}

function copied([name, value]: [string, NonNullable<AuditEntry["about"]>[string]]) {
  return [
    name,
    Array.isArray(value) ? [...(value as readonly string[])] : (value as string | number),
  ] as const;
}
