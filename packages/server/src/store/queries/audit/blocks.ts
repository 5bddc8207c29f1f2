import type { Block } from "../../../core/audit/chain.ts";
import { type AuditEntry, entryOf } from "../../../core/audit/record.ts";
import type { AuditStore, BlockPage, StoredRecord, WholeRecord } from "../../audit-store.ts";
import type { Database } from "../database.ts";
import type { AuditBlockTable, AuditRecordTable } from "../tables.ts";
import { recordColumns } from "./record-step.ts";

export async function oneBlock(db: Database, chain: string, seq: number): Promise<Block | null> {
  const query = db.build
    .selectFrom("audit_block")
    .selectAll()
    .where("chain", "=", chain)
    .where("seq", "=", seq);
  return first(await db.read(query.compile()));
}

export async function endsOf(db: Database, chain: string): ReturnType<AuditStore["ends"]> {
  const all = db.build.selectFrom("audit_block").selectAll().where("chain", "=", chain).limit(1);
  const one = first(await db.read(all.orderBy("seq").compile()));
  const last = first(await db.read(all.orderBy("seq", "desc").compile()));
  return one === null || last === null ? null : { first: one, last };
}

/** By records, as these are what is large. A block is there whole or not at all. */
export async function pageOfBlocks(
  db: Database,
  chain: string,
  { after, limit }: { after: number; limit: number },
): Promise<BlockPage> {
  const found = await recordsBehind(db, chain, { after, limit });
  const isFull = found.length === limit;
  const lastSeq = found.at(-1)?.seq ?? after;
  const isOneBlock = found[0]?.seq === lastSeq;
  // The last one may go on behind what was read.
  const whole = isFull && !isOneBlock ? found.filter(({ seq }) => seq < lastSeq) : found;
  const rows = isFull && isOneBlock ? await recordsOf(db, chain, lastSeq) : whole;
  const behind = db.build
    .selectFrom("audit_block")
    .selectAll()
    .where("chain", "=", chain)
    .where("seq", ">", after);
  const upTo = rows.at(-1)?.seq ?? after;
  const bounded = isFull ? behind.where("seq", "<=", upTo) : behind;
  const blocks = (await db.read(bounded.orderBy("seq").limit(limit).compile())).map(fromBlockRow);
  const isLast = !isFull && blocks.length < limit;
  const end = isLast ? Number.POSITIVE_INFINITY : Math.max(blocks.at(-1)?.seq ?? 0, isFull ? upTo : 0);
  return { blocks, records: rows.filter(({ seq }) => seq <= end).map(fromRecordRow), isLast };
}

export async function recordsAfter(
  db: Database,
  chain: string,
  { seq, n, limit }: { seq: number; n: number; limit: number },
): Promise<StoredRecord[]> {
  const query = db.build
    .selectFrom("audit_record")
    .selectAll()
    .where("chain", "=", chain)
    .where((is) => is(is.refTuple("seq", "n"), ">", is.tuple(seq, n)))
    .orderBy("seq")
    .orderBy("n")
    .limit(limit);
  const rows = await db.read(query.compile());
  return rows.map(({ record, ...row }) => ({ chain, seq: row.seq, n: row.n, text: record }));
}

export async function lastBefore(db: Database, chain: string, at: number): Promise<Block | null> {
  const blocks = db.build.selectFrom("audit_block").selectAll().where("chain", "=", chain).limit(1);
  // In order of the chain, not of time: somebody may have set the clock back.
  const young = first(await db.read(blocks.where("at", ">=", at).orderBy("seq").compile()));
  const old = young === null ? blocks : blocks.where("seq", "<", young.seq);
  return first(await db.read(old.orderBy("seq", "desc").compile()));
}

/** By the index of records by time. */
export async function aroundMoment(
  db: Database,
  at: number,
): Promise<{ before: number | null; after: number | null }> {
  const records = db.build.selectFrom("audit_record").select("at").limit(1);
  const [before] = await db.read(records.where("at", "<", at).orderBy("at", "desc").compile());
  const [after] = await db.read(records.where("at", ">=", at).orderBy("at").compile());
  return { before: before?.at ?? null, after: after?.at ?? null };
}

/** A part at a time: the writer has others to serve. */
export async function forgetBlocks(
  db: Database,
  chain: string,
  { seq, limit }: { seq: number; limit: number },
): Promise<boolean> {
  const ends = await endsOf(db, chain);
  if (ends === null || ends.first.seq > seq) return true;
  const upTo = Math.min(seq, ends.first.seq + limit - 1);
  const steps = (["audit_record", "audit_block"] as const).map((table) => ({
    query: db.build.deleteFrom(table).where("chain", "=", chain).where("seq", "<=", upTo).compile(),
  }));
  await db.write(steps);
  return upTo === seq;
}

function recordsBehind(
  db: Database,
  chain: string,
  { after, limit }: { after: number; limit: number },
): Promise<AuditRecordTable[]> {
  const query = db.build
    .selectFrom("audit_record")
    .selectAll()
    .where("chain", "=", chain)
    .where("seq", ">", after)
    .orderBy("seq")
    .orderBy("n")
    .limit(limit);
  return db.read(query.compile());
}

function recordsOf(db: Database, chain: string, seq: number): Promise<AuditRecordTable[]> {
  const query = db.build
    .selectFrom("audit_record")
    .selectAll()
    .where("chain", "=", chain)
    .where("seq", "=", seq);
  return db.read(query.orderBy("n").compile());
}

function first(rows: readonly AuditBlockTable[]): Block | null {
  const [row] = rows;
  return row === undefined ? null : fromBlockRow(row);
}

function fromBlockRow({ key_id, first_at, ...row }: AuditBlockTable): Block {
  return { ...row, keyId: key_id, firstAt: first_at };
}

function fromRecordRow({ chain, seq, n, record, ...columns }: AuditRecordTable): WholeRecord {
  const entry = read(record);
  const wanted = entry === null ? [] : Object.entries(recordColumns(entry));
  const isAsWritten = entry !== null && wanted.every(([name, value]) => Reflect.get(columns, name) === value);
  return { chain, seq, n, text: record, entry, isAsWritten };
}

function read(text: string): AuditEntry | null {
  try {
    return entryOf(text);
  } catch {
    return null;
  }
}
