import { sql } from "kysely";
import { Client } from "pg";
import type { DatabaseUrl } from "../../src/core/database-address.ts";
import { connectionConfig } from "../../src/store/postgres/connect.ts";
import { queryBuilder } from "../../src/store/postgres/dialect.ts";
import type { Database, Step, Written } from "../../src/store/queries/database.ts";
import type { Tables } from "../../src/store/queries/tables.ts";

/**
 * A database as queries know it, over a connection that holds no lock and asks for none: what two servers would be to one another if
 * nothing but the statements themselves stood between them.
 */
export interface RawHandle extends AsyncDisposable {
  readonly database: Database;
}

export async function openRawHandle(url: DatabaseUrl, name: string): Promise<RawHandle> {
  const client = new Client(connectionConfig(url, name));
  await client.connect();
  const run = async ({ query: { sql: text, parameters } }: Pick<Step, "query">) =>
    await client.query<Record<string, unknown>>(text, [...parameters]);

  async function write(steps: readonly Step[]): Promise<Written> {
    await client.query("BEGIN ISOLATION LEVEL READ COMMITTED");
    const rows: Record<string, unknown>[][] = [];
    for (const [failedStep, step] of steps.entries()) {
      const answer = await run(step);
      if (step.exactly !== undefined && answer.rowCount !== step.exactly) {
        await client.query("ROLLBACK");
        return { done: false, failedStep };
      }
      rows.push(answer.rows);
    }
    await client.query("COMMIT");
    return { done: true, rows };
  }

  const database: Database = {
    build: queryBuilder<Tables>(),
    read: async <Row>(query: { sql: string; parameters: readonly unknown[] }) =>
      (await run({ query })).rows as Row[],
    write,
    now: Date.now,
    server: name,
    clock: sql`(extract(epoch from clock_timestamp()) * 1000)::bigint`,
  };
  return { database, [Symbol.asyncDispose]: () => client.end() };
}
