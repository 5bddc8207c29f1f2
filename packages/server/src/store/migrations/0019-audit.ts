import type { Kysely } from "kysely";

/**
 * What happened, for good: records in the blocks of the transactions that stored them, each block sealed and tied to the one
 * before.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable("audit_block")
    .addColumn("chain", "text", (column) => column.notNull())
    .addColumn("seq", "bigint", (column) => column.notNull())
    .addColumn("key_id", "text", (column) => column.notNull())
    .addColumn("first_at", "bigint", (column) => column.notNull())
    .addColumn("at", "bigint", (column) => column.notNull())
    .addColumn("count", "bigint", (column) => column.notNull())
    .addColumn("prev", "text", (column) => column.notNull())
    .addColumn("hash", "text", (column) => column.notNull())
    .addPrimaryKeyConstraint("audit_block_key", ["chain", "seq"])
    .execute();
  await db.schema
    .createTable("audit_record")
    .addColumn("chain", "text", (column) => column.notNull())
    .addColumn("seq", "bigint", (column) => column.notNull())
    .addColumn("n", "bigint", (column) => column.notNull())
    .addColumn("at", "bigint", (column) => column.notNull())
    .addColumn("record", "text", (column) => column.notNull())
    .addColumn("account", "text")
    .addColumn("door", "text", (column) => column.notNull())
    .addColumn("credential", "text")
    .addColumn("verb", "text", (column) => column.notNull())
    .addColumn("resource", "text", (column) => column.notNull())
    .addColumn("name", "text")
    .addColumn("outcome", "text", (column) => column.notNull())
    .addColumn("request_id", "text")
    .addColumn("address", "text")
    .addPrimaryKeyConstraint("audit_record_key", ["chain", "seq", "n"])
    .execute();
  await db.schema
    .createIndex("audit_record_by_time")
    .on("audit_record")
    .columns(["at", "chain", "seq", "n"])
    .execute();
}
