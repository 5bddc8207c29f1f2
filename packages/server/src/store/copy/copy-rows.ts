import { isDeepStrictEqual } from "node:util";
import { BerthError } from "@berth/protocol";
import { type Kysely, sql } from "kysely";
import type { Tables } from "../queries/tables.ts";

/** One end of a copy. */
export interface Side extends AsyncDisposable {
  /** For messages. */
  name: string;
  db: Kysely<Tables>;
}

export interface CopiedTable {
  table: string;
  rows: number;
}

type Row = Record<string, unknown>;

interface CopyTable {
  table: keyof Tables;
  /** The primary key, in whose order both sides give the rows. */
  key: readonly string[];
  /** Rows in hand at once: an input may have 10 MiB. */
  page: number;
}

/** All tables, each behind those that it refers to. */
const tables: readonly CopyTable[] = [
  { table: "account", key: ["id"], page: 500 },
  { table: "account_identity", key: ["provider", "subject"], page: 500 },
  { table: "user_group", key: ["name_key"], page: 500 },
  { table: "membership", key: ["group_key", "member", "source"], page: 500 },
  { table: "role", key: ["name"], page: 50 },
  { table: "session", key: ["id"], page: 500 },
  { table: "session_text", key: ["hash"], page: 500 },
  { table: "token", key: ["id"], page: 500 },
  { table: "authority", key: ["serial"], page: 500 },
  { table: "certificate", key: ["serial"], page: 500 },
  { table: "principal_lock", key: ["name"], page: 500 },
  { table: "role_binding", key: ["id"], page: 500 },
  { table: "upload", key: ["name", "owner"], page: 500 },
  { table: "network_profile", key: ["name"], page: 50 },
  { table: "network_grant", key: ["digest"], page: 50 },
  { table: "quota_bound", key: ["kind", "subject"], page: 500 },
  { table: "left_by_owner", key: ["owner"], page: 500 },
  { table: "secret_version", key: ["id"], page: 50 },
  { table: "secret", key: ["name"], page: 500 },
  { table: "definition", key: ["kind", "name"], page: 50 },
  { table: "definition_version", key: ["kind", "name", "version"], page: 50 },
  { table: "schedule", key: ["name"], page: 500 },
  { table: "schedule_run", key: ["schedule", "due_at"], page: 500 },
  { table: "webhook_message", key: ["webhook", "id"], page: 500 },
  { table: "job", key: ["id"], page: 50 },
  { table: "stage", key: ["id"], page: 500 },
  { table: "job_event", key: ["job_id", "seq"], page: 500 },
  { table: "job_label", key: ["job_id", "key"], page: 500 },
  { table: "job_input", key: ["job_id", "seq"], page: 4 },
  { table: "job_contact", key: ["job_id", "n"], page: 500 },
  { table: "job_secret", key: ["job_id", "name"], page: 500 },
  { table: "delivery", key: ["id"], page: 500 },
  { table: "delivery_attempt", key: ["delivery_id", "n"], page: 500 },
  { table: "idempotency", key: ["owner", "key"], page: 500 },
  { table: "audit_block", key: ["chain", "seq"], page: 500 },
  { table: "audit_record", key: ["chain", "seq", "n"], page: 500 },
  { table: "audit_target", key: ["name"], page: 500 },
  { table: "audit_position", key: ["target", "chain"], page: 500 },
];

/**
 * Copies every row, then reads both sides again and compares each row, all in one transaction of the target: it holds
 * everything in the end, or nothing. Throws STORAGE_FAILED where the target holds something, or a row is not the same.
 */
export async function copyRows(from: Side, to: Side): Promise<CopiedTable[]> {
  const what = `Cannot copy to "${to.name}"`;
  return await to.db.transaction().execute(async (target) => {
    for (const { table } of tables) {
      if ((await pageOf(target, { table, key: [], page: 1 }, null)).length > 0)
        throw refused(`${what}: its table ${table} is not empty`);
    }
    for (const table of tables) {
      for await (const rows of pagesOf(from.db, table)) await insert(target, table.table, rows);
    }
    const copied: CopiedTable[] = [];
    for (const table of tables) copied.push(await compare(from.db, target, { table, what }));
    return copied;
  });
}

function refused(message: string): BerthError {
  return new BerthError("STORAGE_FAILED", message, {
    fix: "Copy into a new database: one that no server has written to",
  });
}

async function compare(
  from: Kysely<Tables>,
  to: Kysely<Tables>,
  { table, what }: { table: CopyTable; what: string },
): Promise<CopiedTable> {
  const others = pagesOf(to, table);
  let rows = 0;
  for await (const page of pagesOf(from, table)) {
    const other = (await others.next()).value ?? [];
    // Not the row: it may hold what nobody else should see.
    if (!isDeepStrictEqual(plain(page), plain(other)))
      throw refused(`${what}: a row of ${table.table} came out differently, near row ${rows + 1}`);
    rows += page.length;
  }
  if ((await others.next()).done !== true) throw refused(`${what}: ${table.table} has got too many rows`);
  return { table: table.table, rows };
}

async function* pagesOf(db: Kysely<Tables>, table: CopyTable): AsyncGenerator<Row[], undefined> {
  let after: Row | null = null;
  for (;;) {
    const rows = await pageOf(db, table, after);
    after = rows.at(-1) ?? null;
    if (after === null) return undefined;
    yield rows;
  }
}

async function pageOf(
  db: Kysely<Tables>,
  { table, key, page }: CopyTable,
  after: Row | null,
): Promise<Row[]> {
  const columns = sql.join(key.map((column) => sql.ref(column)));
  const behind =
    after === null ? sql`` : sql`where (${columns}) > (${sql.join(key.map((column) => after[column]))})`;
  const ordered = key.length === 0 ? sql`` : sql`order by ${columns}`;
  const query = sql<Row>`select * from ${sql.table(table)} ${behind} ${ordered} limit ${page}`;
  return (await query.execute(db)).rows;
}

async function insert(db: Kysely<Tables>, table: string, rows: readonly Row[]): Promise<void> {
  const columns = Object.keys(rows[0] ?? {});
  const values = rows.map((row) => sql`(${sql.join(columns.map((column) => row[column]))})`);
  const names = sql.join(columns.map((column) => sql.ref(column)));
  await sql`insert into ${sql.table(table)} (${names}) values ${sql.join(values)}`.execute(db);
}

/**
 * The two drivers make their rows of different classes, with the columns in an order of their own; and one database knows
 * texts that are stored as their bytes.
 */
function plain(rows: readonly Row[]): Row[] {
  return rows.map((row) => {
    const columns = Object.entries(row).toSorted(([one], [other]) => (one < other ? -1 : 1));
    return Object.fromEntries(columns.map(([name, value]) => [name, name === SPEC ? asText(value) : value]));
  });
}

const SPEC = "spec" satisfies keyof Tables["job"];

function asText(value: unknown): unknown {
  return value instanceof Uint8Array ? Buffer.from(value).toString() : value;
}
