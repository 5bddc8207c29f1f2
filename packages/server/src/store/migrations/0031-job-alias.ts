import { type Kysely, sql } from "kysely";

/** Runs of tasks have short names, which no two of them share. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable("job").addColumn("alias", "text").execute();
  await sql`create unique index job_by_alias on job (alias) where alias is not null`.execute(db);
}
