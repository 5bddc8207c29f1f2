import type { Kysely } from "kysely";

/** What bounds the jobs of whom; null: no bound. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable("quota")
    .addColumn("subject", "text", (column) => column.primaryKey().notNull())
    .addColumn("jobs", "bigint")
    .addColumn("jobs_per_hour", "bigint")
    .execute();
}
