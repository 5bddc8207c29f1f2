import type { Kysely } from "kysely";

/** Where audit records are shipped to: which server does it, and how far each chain has come. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable("audit_target")
    .addColumn("name", "text", (column) => column.primaryKey().notNull())
    .addColumn("holder", "text", (column) => column.notNull())
    .execute();
  await db.schema
    .createTable("audit_position")
    .addColumn("target", "text", (column) => column.notNull())
    .addColumn("chain", "text", (column) => column.notNull())
    .addColumn("seq", "bigint", (column) => column.notNull())
    .addColumn("n", "bigint", (column) => column.notNull())
    .addPrimaryKeyConstraint("audit_position_key", ["target", "chain"])
    .execute();
}
