import { Client } from "pg";
import { afterAll, beforeAll, expect, it } from "vitest";
import { openPostgresStore } from "../src/store/postgres/open.ts";
import type { Store } from "../src/store/store.ts";
import { copies, copiesOf, listsAsFast, few } from "./support/long-history.ts";
import { Postgres, postgresIsMissing } from "./support/postgres.ts";
import { StoreBench } from "./support/store-bench.ts";

const missing = postgresIsMissing();
if (missing !== null) console.log(`SKIPPED: a long history on PostgreSQL, because ${missing}`);

let postgres: Postgres;
beforeAll(async () => {
  if (missing === null) postgres = await Postgres.start();
});
afterAll(() => postgres?.[Symbol.asyncDispose]());

async function withRuns(count: number): Promise<Store> {
  const url = await postgres.database();
  const first = await openPostgresStore({ url });
  const { id } = await new StoreBench(first).insertIn("succeeded", { createdAt: 1_800_000_000_000 });
  await first[Symbol.asyncDispose]();
  const client = new Client({ connectionString: url.reveal() });
  await client.connect();
  try {
    const { rows } = await client.query<{ name: string }>(
      "SELECT column_name AS name FROM information_schema.columns WHERE table_name = 'job'",
    );
    // Nobody is told of them one by one.
    await client.query("SET session_replication_role = replica");
    const columns = rows.map(({ name }) => name);
    for (const statement of copiesOf(id, { count, columns })) await client.query(statement);
    // As its own housekeeping does in time.
    await client.query("ANALYZE");
  } finally {
    await client.end();
  }
  return await openPostgresStore({ url });
}

it.skipIf(missing !== null)("PostgreSQL lists 50 of 100,000 finished jobs as fast as of ten", async () => {
  await using short = await withRuns(few);
  await using store = await withRuns(copies);
  expect(await listsAsFast(short, store)).toBe(copies + 1);
});
