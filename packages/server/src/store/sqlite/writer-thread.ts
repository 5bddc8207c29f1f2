import { DatabaseSync } from "node:sqlite";
import { parentPort, workerData } from "node:worker_threads";
import type { ChainHead, Seal } from "../../core/audit/chain.ts";
import { AuditHead } from "./audit-head.ts";
import { holdLogRoom } from "./hold-log-room.ts";
import { type SqliteFailure, toFailure } from "./sqlite-failure.ts";
import { Statements } from "./statements.ts";
import { writeBatch, type WriteOutcome, type WriteStep } from "./write-batch.ts";
import { goFirst } from "../../lib/turns/go-first.ts";

/**
 * The thread that owns the writing connection. It imports nothing but parts of Node and pure rules, to stay small.
 * One batch is under way at a time; the next one gathers meanwhile on the other side (writer.ts).
 */
export interface WriterData {
  path: string;
  busyTimeoutMs: number;
  /** What audit records are sealed with. */
  seal: Seal;
}

export type WriterRequest = { kind: "write"; writes: WriteStep[][] } | { kind: "close" };

export type WriterReply =
  | { kind: "open" }
  | { kind: "written"; outcomes: WriteOutcome[]; head: ChainHead | null }
  /** The database did not open, or the batch as a whole was not stored. */
  | { kind: "failed"; failure: SqliteFailure }
  | { kind: "closed" };

const { path, busyTimeoutMs, seal } = workerData as WriterData;

function reply(message: WriterReply): void {
  parentPort?.postMessage(message);
}

function open(): DatabaseSync {
  const database = new DatabaseSync(path, { timeout: busyTimeoutMs });
  // FULL: a commit is on disk before anybody hears of it.
  database.exec("PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA cache_size = -4096");
  // What a savepoint would put back stays in memory: of 16 pages and more SQLite makes a file for each batch.
  database.exec("PRAGMA temp_store = MEMORY");
  return database;
}

function serve(database: DatabaseSync): void {
  const statements = new Statements(database);
  const head = new AuditHead(statements, seal);
  parentPort?.on("message", (request: WriterRequest) => {
    try {
      if (request.kind === "write") {
        const { writes } = request;
        const outcomes = writeBatch(database, statements, { writes, head });
        reply({ kind: "written", outcomes, head: head.last });
      } else {
        // The last connection to close copies the log into the database and removes it.
        database.close();
        reply({ kind: "closed" });
        parentPort?.close();
      }
    } catch (error) {
      reply({ kind: "failed", failure: toFailure(error) });
    }
  });
}

// Else it may wait behind the main thread, on whose processor it is woken, while the disk has nothing to do.
goFirst();

try {
  const database = open();
  serve(database);
  reply({ kind: "open" });
  holdLogRoom(database, path);
} catch (error) {
  reply({ kind: "failed", failure: toFailure(error) });
}
