import { type AuditEntry, columnsOf, textOf } from "../../../core/audit/record.ts";
import type { Database, Step } from "../database.ts";
import type { AuditRecordTable } from "../tables.ts";
import { toColumn } from "../words/exact-text.ts";
import { template } from "../words/template.ts";

const insertRecord = template<AuditRecordTable>((build, row) =>
  build.insertInto("audit_record").values(row).compile(),
);

/** For the write that does what the entry says: both are stored, or neither. */
export function auditStep(db: Database, entry: AuditEntry): Step {
  const { at, ...columns } = recordColumns(entry);
  // The first parameters in the order of `auditParameters`; the writer fills in the first three.
  const row = { chain: "", seq: 0, n: 0, at, record: textOf(entry), ...columns };
  return { query: insertRecord(db, row), audit: true };
}

/** No step where nothing is to be recorded. */
export function auditSteps(db: Database, entry: AuditEntry | readonly AuditEntry[] | undefined): Step[] {
  if (entry === undefined) return [];
  return isSeveral(entry) ? entry.map((one) => auditStep(db, one)) : [auditStep(db, entry)];
}

function isSeveral(entry: AuditEntry | readonly AuditEntry[]): entry is readonly AuditEntry[] {
  return Array.isArray(entry);
}

type RecordColumns = Omit<AuditRecordTable, "chain" | "seq" | "n" | "record">;

/** As they stand in the table. */
export function recordColumns(entry: AuditEntry): RecordColumns {
  const { account, credential, name, request_id, address, ...plain } = columnsOf(entry);
  return {
    ...plain,
    account: orNull(account),
    credential: orNull(credential),
    name: orNull(name),
    request_id: orNull(request_id),
    address: orNull(address),
  };
}

function orNull(text: string | null): string | null {
  return text === null ? null : toColumn(text);
}
