import type { DatabaseSync, SQLInputValue } from "node:sqlite";
import { primaryCode, type SqliteFailure, sqliteCodes, toFailure } from "./sqlite-failure.ts";
import type { Statements } from "./statements.ts";

/** One statement as it crosses to the writer thread; see `Step` of the queries. */
export interface WriteStep {
  sql: string;
  parameters: readonly unknown[];
  exactly: number | null;
  returns: boolean;
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
  writes: readonly WriteStep[][],
): WriteOutcome[] {
  const [first, ...others] = writes;
  try {
    statements.get("BEGIN IMMEDIATE").run();
    if (first !== undefined && others.length === 0) return [writeAlone(database, statements, first)];
    const outcomes = writes.map((steps) => writeOne(database, statements, steps));
    statements.get("COMMIT").run();
    return outcomes;
  } catch (error) {
    if (database.isTransaction) database.exec("ROLLBACK");
    throw error;
  }
}

/** The transaction is all of it: SQLite has to keep no copies of what was before. */
function writeAlone(
  database: DatabaseSync,
  statements: Statements,
  steps: readonly WriteStep[],
): WriteOutcome {
  const outcome = tryWrite(database, statements, steps);
  statements.get(outcome.kind === "done" ? "COMMIT" : "ROLLBACK").run();
  return outcome;
}

function writeOne(database: DatabaseSync, statements: Statements, steps: readonly WriteStep[]): WriteOutcome {
  statements.get("SAVEPOINT one").run();
  const outcome = tryWrite(database, statements, steps);
  if (outcome.kind !== "done") statements.get("ROLLBACK TO one").run();
  statements.get("RELEASE one").run();
  return outcome;
}

function tryWrite(database: DatabaseSync, statements: Statements, steps: readonly WriteStep[]): WriteOutcome {
  const rows: Record<string, unknown>[][] = [];
  try {
    for (const [index, step] of steps.entries()) {
      const { returned, changes } = runStep(statements, step);
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
