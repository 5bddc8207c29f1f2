import type { Kysely } from "kysely";

/** Sessions in cookies get another text now and then, and the one before holds for a while. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const [name, type] of [
    ["turned_at", "bigint"],
    ["rights", "text"],
    ["before_hash", "text"],
    ["salt", "text"],
    ["before_until", "bigint"],
  ] as const) {
    await db.schema.alterTable("session").addColumn(name, type).execute();
  }
  await db.schema
    .createIndex("session_by_text_before")
    .on("session")
    .column("before_hash")
    .unique()
    .execute();
}
