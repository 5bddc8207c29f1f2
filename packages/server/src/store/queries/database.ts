import type { CompiledQuery, Kysely, RawBuilder } from "kysely";
import type { Tables } from "./tables.ts";

/** What the queries need of a database: SQLite today, PostgreSQL with the same queries later. */
export interface Database {
  /** Builds queries in the database's dialect; runs none. */
  readonly build: Kysely<Tables>;
  /** Sees every write that has resolved. */
  read<Row>(query: CompiledQuery<Row>): Promise<Row[]>;
  /**
   * Runs the steps in order, all or nothing; resolves when they are on disk. Rejects with STORAGE_FAILED
   * when nothing of it was stored for want of storage.
   */
  write(steps: readonly Step[]): Promise<Written>;
  /** Milliseconds since the epoch. */
  now(): number;
  /** This server, as jobs that it claims name it: new each time the database is opened. */
  readonly server: string;
  /** Milliseconds since the epoch by the clock of the database, in its own words. */
  readonly clock: RawBuilder<number>;
}

/** One statement of a write. */
export interface Step {
  query: { readonly sql: string; readonly parameters: readonly unknown[] };
  /** Rows that it must change or return; any other number undoes the whole write. Default: any number will do. */
  exactly?: number;
  /** The statement returns rows that the caller wants. Default false. */
  returns?: boolean;
  /**
   * It inserts an audit record: chain, block and number are filled in where the transaction is put together, and the record is
   * sealed with the others of it. Default false.
   */
  audit?: boolean;
}

export type Written =
  /** `rows[n]` is what step n returned, empty for steps that return nothing. */
  | { done: true; rows: Record<string, unknown>[][] }
  /** The first step whose `exactly` did not hold; nothing was stored. */
  | { done: false; failedStep: number };
