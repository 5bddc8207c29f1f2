import type { Kysely } from "kysely";

/** The most that a token may be used for, as rules; null: all that its principal may do. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable("token").addColumn("scope", "text").execute();
}
