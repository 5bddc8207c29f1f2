import type { Kysely } from "kysely";

/** What people know a token by, and when it was used last. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable("token").addColumn("label", "text").execute();
  await db.schema.alterTable("token").addColumn("used_at", "bigint").execute();
}
