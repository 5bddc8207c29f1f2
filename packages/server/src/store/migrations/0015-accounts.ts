import type { Kysely } from "kysely";

/**
 * Who can be somebody here, and what they are known by elsewhere. A deleted account stays, with its name: jobs, uploads and
 * idempotency keys belong to names, and nobody else is to inherit them.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable("account")
    .addColumn("id", "text", (column) => column.primaryKey().notNull())
    .addColumn("name", "text", (column) => column.notNull())
    .addColumn("name_key", "text", (column) => column.notNull().unique())
    .addColumn("display", "text")
    .addColumn("created_at", "bigint", (column) => column.notNull())
    .addColumn("deleted_at", "bigint")
    .addColumn("password", "text")
    .addColumn("password_at", "bigint")
    .addColumn("must_change", "bigint", (column) => column.notNull())
    .execute();
  await db.schema
    .createTable("account_identity")
    .addColumn("provider", "text", (column) => column.notNull())
    .addColumn("subject", "text", (column) => column.notNull())
    .addColumn("account_id", "text", (column) => column.notNull().references("account.id"))
    .addPrimaryKeyConstraint("account_identity_key", ["provider", "subject"])
    .execute();
  await db.schema
    .createIndex("account_identity_by_account")
    .on("account_identity")
    .column("account_id")
    .execute();
}
