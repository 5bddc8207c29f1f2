import type { Kysely } from "kysely";

/** When a job was submitted by the clock that nobody sets: a queue timeout goes by it, also after a restart of the server. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable("job").addColumn("submitted_since_boot", "text").execute();
}
