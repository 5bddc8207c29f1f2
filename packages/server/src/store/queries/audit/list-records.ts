import { setImmediate as nextTurn } from "node:timers/promises";
import { BerthError } from "@berth/protocol";
import { expressionBuilder } from "kysely";
import type { AuditFilter, AuditPage } from "../../audit-store.ts";
import type { Database } from "../database.ts";
import type { AuditRecordTable, Tables } from "../tables.ts";
import { toColumn } from "../words/exact-text.ts";

/** Records looked at in one turn of the loop, and for one page: no index knows all that may be asked for. */
const SLICE = 500;
const MOST_SLICES = 20;

export async function listRecords(db: Database, filter: AuditFilter): Promise<AuditPage> {
  const isWanted = matcherOf(filter);
  const found: AuditRecordTable[] = [];
  let position = filter.cursor === null ? null : positionOf(filter.cursor);
  for (let slices = 0; slices < MOST_SLICES; slices += 1) {
    if (slices > 0) await nextTurn();
    const rows = await sliceBehind(db, position, filter);
    for (const row of rows) {
      if (isWanted(row)) found.push(row);
      position = row;
      if (found.length === filter.limit) return { items: found.map(shown), next: cursorOf(row) };
    }
    if (rows.length < SLICE) return { items: found.map(shown), next: null };
  }
  return { items: found.map(shown), next: position === null ? null : cursorOf(position) };
}

type Position = Pick<AuditRecordTable, "at" | "chain" | "seq" | "n">;

function sliceBehind(
  db: Database,
  position: Position | null,
  { since, until }: AuditFilter,
): Promise<AuditRecordTable[]> {
  const build = expressionBuilder<Tables, "audit_record">();
  let query = db.build.selectFrom("audit_record").selectAll();
  if (since !== null) query = query.where("at", ">=", since);
  if (until !== null) query = query.where("at", "<", until);
  if (position !== null) {
    const { at, chain, seq, n } = position;
    query = query.where(
      build(build.refTuple("at", "chain", "seq", "n"), "<", build.tuple(at, chain, seq, n)),
    );
  }
  const ordered = query
    .orderBy("at", "desc")
    .orderBy("chain", "desc")
    .orderBy("seq", "desc")
    .orderBy("n", "desc");
  return db.read(ordered.limit(SLICE).compile());
}

function matcherOf(filter: AuditFilter): (row: AuditRecordTable) => boolean {
  const { account, door, verb, resource, name, outcome, requestId, address } = filter;
  const wanted: Partial<AuditRecordTable> = {
    ...(account !== null && { account: toColumn(account) }),
    ...(door !== null && { door }),
    ...(verb !== null && { verb }),
    ...(resource !== null && { resource }),
    ...(name !== null && { name: toColumn(name) }),
    ...(outcome !== null && { outcome }),
    ...(requestId !== null && { request_id: toColumn(requestId) }),
    ...(address !== null && { address: toColumn(address) }),
  };
  const columns = Object.entries(wanted);
  return (row) => columns.every(([column, value]) => Reflect.get(row, column) === value);
}

function shown({ chain, seq, n, record }: AuditRecordTable): AuditPage["items"][number] {
  return { chain, seq, n, text: record };
}

function cursorOf({ at, chain, seq, n }: Position): string {
  return Buffer.from(`${at} ${seq} ${n} ${chain}`).toString("base64url");
}

function positionOf(cursor: string): Position {
  const [at, seq, n, ...chain] = Buffer.from(cursor, "base64url").toString().split(" ");
  const position = { at: Number(at), seq: Number(seq), n: Number(n), chain: chain.join(" ") };
  const numbers = [position.at, position.seq, position.n];
  if (numbers.every(Number.isSafeInteger) && cursorOf(position) === cursor && position.chain.isWellFormed())
    return position;
  throw new BerthError("CURSOR_INVALID", "Cannot list audit records: the cursor is not one of this server");
}
