import { BerthError } from "@berth/protocol";
import type { CompiledQuery } from "kysely";
import { DatabaseSync, type SQLInputValue } from "node:sqlite";
import { onLoop } from "../../lib/on-loop.ts";
import { Statements } from "./statements.ts";
import { translateError } from "./translate-error.ts";

/** Reads wait at most this long for a lock: they run on the main thread. Only recovery after a crash takes one. */
const BUSY_TIMEOUT_MS = 100;

/** The reading connection, on the main thread: a point read costs tens of microseconds, a thread would cost more. */
export class Reader implements Disposable {
  readonly database: DatabaseSync;
  readonly #statements: Statements;
  readonly #what: string;

  constructor(path: string) {
    this.#what = `Cannot read database "${path}"`;
    this.database = new DatabaseSync(path, { readOnly: true, timeout: BUSY_TIMEOUT_MS });
    this.database.exec("PRAGMA cache_size = -8192");
    this.#statements = new Statements(this.database);
  }

  read<Row>(query: CompiledQuery<Row>): Row[] {
    if (!this.database.isOpen) throw new BerthError("SHUTTING_DOWN", `${this.#what}: it is closed`);
    try {
      // The type of a row comes from the query builder; the schema it knows is the one the migrations made.
      const statement = this.#statements.get(query.sql);
      return onLoop("store: read", () => statement.all(...(query.parameters as SQLInputValue[])) as Row[]);
    } catch (error) {
      throw translateError(error, this.#what);
    }
  }

  [Symbol.dispose](): void {
    if (this.database.isOpen) this.database.close();
  }
}
