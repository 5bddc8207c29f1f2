import type { Kysely } from "kysely";

/** Logins that have not ended. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable("session")
    .addColumn("id", "text", (column) => column.primaryKey().notNull())
    .addColumn("hash", "text", (column) => column.notNull().unique())
    .addColumn("principal", "text", (column) => column.notNull())
    .addColumn("provider", "text", (column) => column.notNull())
    .addColumn("created_at", "bigint", (column) => column.notNull())
    .addColumn("used_at", "bigint", (column) => column.notNull())
    .addColumn("expires_at", "bigint", (column) => column.notNull())
    .addColumn("address", "text")
    .addColumn("agent", "text")
    .execute();
  await db.schema.createIndex("session_by_principal").on("session").column("principal").execute();
}
