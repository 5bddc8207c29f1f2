import type { Kysely } from "kysely";

/** Which roles operators have given to whom. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable("role_binding")
    .addColumn("id", "text", (column) => column.primaryKey().notNull())
    .addColumn("role", "text", (column) => column.notNull())
    .addColumn("kind", "text", (column) => column.notNull())
    .addColumn("subject", "text", (column) => column.notNull())
    .addColumn("created_at", "bigint", (column) => column.notNull())
    .execute();
  await db.schema
    .createIndex("role_binding_once")
    .unique()
    .on("role_binding")
    .columns(["kind", "subject", "role"])
    .execute();
}
