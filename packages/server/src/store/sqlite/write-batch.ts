import type { DatabaseSync, SQLInputValue } from "node:sqlite";
import { primaryCode, type SqliteFailure, sqliteCodes, toFailure } from "./sqlite-failure.ts";
import { blockColumns, blockValues } from "../queries/audit/block-row.ts";
import type { AuditHead } from "./audit-head.ts";
import type { Statements } from "./statements.ts";

/** One statement as it crosses to the writer thread; see `Step` of the queries. */
export interface WriteStep {
  sql: string;
  parameters: readonly unknown[];
  exactly: number | null;
  returns: boolean;
  audit: boolean;
}

export type WriteOutcome =
  | { kind: "done"; rows: Record<string, unknown>[][] }
  | { kind: "undone"; failedStep: number }
  | { kind: "failed"; failure: SqliteFailure };

/** After these the transaction is gone, or nothing in it can be trusted to reach the disk. */
const FATAL = new Set<number | null>([
  sqliteCodes.busy,
  sqliteCodes.locked,
  sqliteCodes.noMemory,
  sqliteCodes.readOnly,
  sqliteCodes.ioError,
  sqliteCodes.corrupt,
  sqliteCodes.full,
  sqliteCodes.cannotOpen,
  sqliteCodes.notADatabase,
]);

/**
 * Group commit: many writes in one transaction with one sync of the disk, each in a savepoint of its own,
 * so that one that fails takes nothing of the others with it. Throws when the transaction as a whole failed;
 * then nothing of it is stored.
 */
export function writeBatch(
  database: DatabaseSync,
  statements: Statements,
  { writes, head }: { writes: readonly WriteStep[][]; head: AuditHead },
): WriteOutcome[] {
  try {
    statements.get("BEGIN IMMEDIATE").run();
    const block = head.begin();
    const ofBatch = writes.map((steps, write) => ({
      steps,
      take: (parameters: readonly unknown[]) => block.take(parameters, write),
    }));
    const [first, ...others] = ofBatch;
    const isAlone = first !== undefined && others.length === 0;
    // Alone it is all of the transaction: SQLite has to keep no copies of what was before.
    const outcomes = isAlone
      ? [tryWrite(database, statements, first)]
      : ofBatch.map((one) => writeOne(database, statements, one));
    if (isAlone && outcomes[0]?.kind !== "done") {
      statements.get("ROLLBACK").run();
      return outcomes;
    }
    const sealed = block.close((write) => outcomes[write]?.kind === "done");
    if (sealed !== null) statements.get(INSERT_BLOCK).run(...blockValues(sealed));
    statements.get("COMMIT").run();
    if (sealed !== null) head.move(sealed);
    return outcomes;
  } catch (error) {
    if (database.isTransaction) database.exec("ROLLBACK");
    head.forget();
    throw error;
  }
}

const INSERT_BLOCK = `INSERT INTO audit_block (${blockColumns.join()}) VALUES (${blockColumns.map(() => "?").join()})`;

interface OneWrite {
  steps: readonly WriteStep[];
  /** Completes the parameters of a record's statement. */
  take: (parameters: readonly unknown[]) => readonly unknown[];
}

function writeOne(database: DatabaseSync, statements: Statements, one: OneWrite): WriteOutcome {
  statements.get("SAVEPOINT one").run();
  const outcome = tryWrite(database, statements, one);
  if (outcome.kind !== "done") statements.get("ROLLBACK TO one").run();
  statements.get("RELEASE one").run();
  return outcome;
}

function tryWrite(database: DatabaseSync, statements: Statements, { steps, take }: OneWrite): WriteOutcome {
  const rows: Record<string, unknown>[][] = [];
  try {
    for (const [index, step] of steps.entries()) {
      const { returned, changes } = runStep(
        statements,
        step.audit ? { ...step, parameters: take(step.parameters) } : step,
      );
      if (step.exactly !== null && changes !== step.exactly) return { kind: "undone", failedStep: index };
      rows.push(returned);
    }
    return { kind: "done", rows };
  } catch (error) {
    const failure = toFailure(error);
    if (!database.isTransaction || FATAL.has(primaryCode(failure))) throw error;
    return { kind: "failed", failure };
  }
}

function runStep(
  statements: Statements,
  step: WriteStep,
): { returned: Record<string, unknown>[]; changes: number } {
  const statement = statements.get(step.sql);
  // Only text, numbers, bytes and null are ever bound; anything else is refused by node:sqlite itself.
  const parameters = step.parameters as SQLInputValue[];
  if (!step.returns) return { returned: [], changes: Number(statement.run(...parameters).changes) };
  const returned = statement.all(...parameters);
  return { returned, changes: returned.length };
}
