import type { Kysely } from "kysely";

/** One row that the health check writes: a disk that takes no more is only noticed by writing. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable("probe")
    .addColumn("id", "bigint", (column) => column.primaryKey().notNull())
    .addColumn("written_at", "bigint", (column) => column.notNull())
    .execute();
}
