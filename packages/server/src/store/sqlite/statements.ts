import type { DatabaseSync, StatementSync } from "node:sqlite";

/** Statements kept ready by their text: preparing one costs more than running it. */
export class Statements {
  readonly #database: DatabaseSync;
  readonly #most: number;
  readonly #ready = new Map<string, StatementSync>();

  constructor(database: DatabaseSync, most = 200) {
    this.#database = database;
    this.#most = most;
  }

  get(sql: string): StatementSync {
    const known = this.#ready.get(sql);
    if (known !== undefined) return known;
    // All at once: the few hot ones are back within a moment, and no order has to be kept on each use.
    if (this.#ready.size >= this.#most) this.#ready.clear();
    const statement = this.#database.prepare(sql);
    this.#ready.set(sql, statement);
    return statement;
  }
}
