import type { AuditProblem } from "../core/audit/check-blocks.ts";
import type { AuditEntry, AuditOutcome, AuditValue, FieldChange } from "../core/audit/record.ts";
import type { Caller } from "../core/caller/caller.ts";

/** What an operation says of what it does. */
export interface Audited {
  verb: string;
  resource: string;
  /** What the object is called; null where it is about all of them. */
  name: string | null;
  /** Default `done`. */
  outcome?: AuditOutcome;
  about?: Readonly<Record<string, AuditValue>>;
  changes?: readonly FieldChange[];
}

/**
 * Makes the records of what happens. An operation that writes hands its record to the write, so that both are stored or
 * neither: `store.audited(audit.entry(caller, ...))`. What has no write of its own is noted.
 */
export interface Audit {
  /** What this caller does. */
  entry(caller: Caller, what: Audited): AuditEntry;
  /** What the server does of itself. */
  ofServer(what: Audited): AuditEntry;
  /** Records what has no write of its own, as soon as may be: nobody waits for it. Of many that are equal their number is told. */
  note(entry: AuditEntry): void;
  /** Looks whether every record is there as it was stored: a part at a time, from `next` of the part before on. */
  verify(from: ChainPosition | null): Promise<Verified>;
  /**
   * Forgets the blocks in which all is older than this, but for the last one of each chain, and for what was not shipped yet
   * where records are shipped. What is cut is recorded first, under the seal, so that the rest can be verified from there on.
   * Returns the last block of each chain that is gone.
   */
  cut(before: number, entryOf: (what: Audited) => AuditEntry): Promise<ChainPosition[]>;
  /** How far records have come to where they are shipped to; nothing where they are not. */
  shipping(): Promise<ShippingState[]>;
}

export interface Verified {
  blocks: number;
  records: number;
  problems: AuditProblem[];
  /** Where to go on; null where all was looked at. */
  next: ChainPosition | null;
}

export interface ShippingState {
  target: string;
  place: string;
  /** Blocks that are not there yet, and how old the first of them is. */
  blocks: number;
  behindMs: number;
  /** When it took some last; before the first ones the start of this server. */
  tookAt: number;
  /** null where the last try went well. */
  fault: { since: number; why: string } | null;
}

export interface ChainPosition {
  chain: string;
  seq: number;
}

function callerFields({ principal, door, credential, address, requestId }: Caller) {
  const { kind, id } = credential;
  return { account: principal.name, door, credential: { kind, id }, address, requestId };
}

export function entryOfCaller(caller: Caller, what: Audited, at: number): AuditEntry {
  const { verb, resource, name, outcome = "done", about, changes } = what;
  return {
    at,
    ...callerFields(caller),
    verb,
    resource,
    name,
    outcome,
    ...(about !== undefined && { about }),
    ...(changes !== undefined && changes.length > 0 && { changes }),
  };
}

const server = { account: "server", door: "server", credential: null, address: null, requestId: null };

export function entryOfServer({ outcome = "done", ...what }: Audited, at: number): AuditEntry {
  return { at, ...server, ...what, outcome };
}
