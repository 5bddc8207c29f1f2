import { type Kysely, sql } from "kysely";

/** Whoever sees only its own lists by label too: the jobs of others are not to be looked through for it. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .alterTable("job_label")
    .addColumn("owner", "text", (column) => column.notNull().defaultTo(""))
    .execute();
  await sql`update job_label set owner = job.owner from job where job.id = job_label.job_id`.execute(db);
  await db.schema
    .createIndex("job_label_by_owner")
    .on("job_label")
    .columns(["owner", "key", "value", "created_at", "job_id"])
    .execute();
}
