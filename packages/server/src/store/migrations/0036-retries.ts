import { type Kysely, sql } from "kysely";

/** Runs of tasks that are made again after faults. Only those that are due some time are in the index. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable("job").addColumn("retry", "text").execute();
  await db.schema.alterTable("job").addColumn("retry_at", "bigint").execute();
  await sql`create index job_by_retry on job (retry_at, id) where retry_at is not null`.execute(db);
}
