import type { Kysely } from "kysely";

/** Of a job of a task whose runner has a repository: where its code comes from, with the commit once that is known. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable("job").addColumn("source", "text").execute();
}
