import type { Kysely } from "kysely";

/** Groups, who is in them and who says so, and roles that operators have made. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable("user_group")
    .addColumn("name_key", "text", (column) => column.primaryKey().notNull())
    .addColumn("name", "text", (column) => column.notNull())
    .addColumn("created_at", "bigint", (column) => column.notNull())
    .execute();
  await db.schema
    .createTable("membership")
    .addColumn("group_key", "text", (column) => column.notNull())
    .addColumn("member", "text", (column) => column.notNull())
    .addColumn("source", "text", (column) => column.notNull())
    .addPrimaryKeyConstraint("membership_key", ["group_key", "member", "source"])
    .execute();
  await db.schema
    .createIndex("membership_by_member")
    .on("membership")
    .columns(["member", "source"])
    .execute();
  await db.schema
    .createTable("role")
    .addColumn("name", "text", (column) => column.primaryKey().notNull())
    .addColumn("rules", "text", (column) => column.notNull())
    .addColumn("created_at", "bigint", (column) => column.notNull())
    .addColumn("updated_at", "bigint", (column) => column.notNull())
    .execute();
}
