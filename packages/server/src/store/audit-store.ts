import type { Block } from "../core/audit/chain.ts";
import type { AuditMatch } from "../core/audit/match.ts";
import type { AuditEntry } from "../core/audit/record.ts";

/** What happened, in chains of sealed blocks: one block for each transaction that had something to record. */
export interface AuditStore {
  /** Records what no other write goes with. */
  append(entries: readonly AuditEntry[]): Promise<void>;
  /**
   * Newest first. `next` is the cursor of the following page, null at the end; a page that had to look at many records that
   * are not asked for ends before its limit. Throws CURSOR_INVALID.
   */
  list(filter: AuditFilter): Promise<AuditPage>;
  /** The chains that have blocks or records, by name. */
  chains(): Promise<string[]>;
  /** The first and the last block of a chain; null where it has none. */
  ends(chain: string): Promise<{ first: Block; last: Block } | null>;
  block(chain: string, seq: number): Promise<Block | null>;
  /**
   * Blocks of a chain behind `after` in order, with what lies where they lie. `records` may hold some of no block, up to the
   * last block of the page, or, on the last page, behind it.
   */
  blocks(chain: string, page: { after: number; limit: number }): Promise<BlockPage>;
  /** Records behind this one in the order of the chain, whatever blocks say of them. */
  behind(chain: string, after: { seq: number; n: number }, limit: number): Promise<StoredRecord[]>;
  /** The last block up to which all are older than this; null where there is none. */
  lastBefore(chain: string, at: number): Promise<Block | null>;
  /** The newest record of all chains from before this moment, and the oldest from then on; null where there is none. */
  around(at: number): Promise<{ before: number | null; after: number | null }>;
  /** Forgets the oldest blocks up to this one, with their records; at most `limit` of them. True when none is left. */
  forget(chain: string, upTo: { seq: number; limit: number }): Promise<boolean>;
}

/** How far the audit records have come to where they are shipped to. */
export interface ShippingStore {
  /**
   * True where this server alone ships to this target from now on, until its lease of the database is over. False while another
   * server does that lives.
   */
  claim(target: string): Promise<boolean>;
  /** Of the last record that the target has taken, by chain; nothing of chains of which it has none. */
  positions(target: string): Promise<ReadonlyMap<string, ShippedPosition>>;
  /** It has taken this record and all before it. False where this server has not claimed it any more. */
  advance(target: string, to: ShippedPosition & { chain: string }): Promise<boolean>;
}

export interface ShippedPosition {
  seq: number;
  n: number;
}

export interface StoredRecord {
  chain: string;
  seq: number;
  n: number;
  text: string;
}

export interface BlockPage {
  blocks: Block[];
  records: WholeRecord[];
  isLast: boolean;
}

export interface WholeRecord extends StoredRecord {
  /** What its text says; null where that is no record. */
  entry: AuditEntry | null;
  /** Whether the columns beside the text, by which it is found, say the same. */
  isAsWritten: boolean;
}

export interface AuditPage {
  items: StoredRecord[];
  next: string | null;
}

export interface AuditFilter extends AuditMatch {
  limit: number;
  cursor: string | null;
}
