import type { Kysely } from "kysely";

/**
 * By which credential a token or a certificate was made, as in `token ID`: with a token all goes that was made by it. And the
 * texts that a session in a cookie has had: whoever shows one has a copy, however long ago it was.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const table of ["token", "certificate"] as const) {
    await db.schema.alterTable(table).addColumn("made_by", "text").execute();
    await db.schema.createIndex(`${table}_by_maker`).on(table).column("made_by").execute();
  }
  await db.schema
    .createTable("session_text")
    .addColumn("hash", "text", (column) => column.primaryKey().notNull())
    .addColumn("session_id", "text", (column) =>
      column.notNull().references("session.id").onDelete("cascade"),
    )
    .addColumn("replaced_at", "bigint", (column) => column.notNull())
    .execute();
  await db.schema.createIndex("session_text_by_session").on("session_text").column("session_id").execute();
}
