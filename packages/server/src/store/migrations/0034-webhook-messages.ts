import type { Kysely } from "kysely";

/** Calls of webhooks that were taken, whatever has become of their jobs: each of them is taken once. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable("webhook_message")
    .addColumn("webhook", "text", (column) => column.notNull())
    .addColumn("id", "text", (column) => column.notNull())
    .addColumn("kept_until", "bigint", (column) => column.notNull())
    .addPrimaryKeyConstraint("webhook_message_key", ["webhook", "id"])
    .execute();
  await db.schema
    .createIndex("webhook_message_by_end")
    .on("webhook_message")
    .columns(["kept_until"])
    .execute();
}
