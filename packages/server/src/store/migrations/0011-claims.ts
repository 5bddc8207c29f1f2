import type { Kysely } from "kysely";

/**
 * Which server runs a job, and until when each server may be taken to live. A job that waits is nobody's. The lease is the
 * server's and not the job's: one statement renews it for all that it runs, and none of their rows is written for it.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable("server_lease")
    .addColumn("id", "text", (column) => column.primaryKey().notNull())
    .addColumn("until", "bigint", (column) => column.notNull())
    .execute();
  await db.schema.alterTable("job").addColumn("claimed_by", "text").execute();
}
