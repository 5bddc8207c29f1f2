import type { Kysely } from "kysely";

/** For a job that its owner calls by its name or by the beginning of its id: nobody else's jobs are looked at. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema.createIndex("job_by_owner_id").on("job").columns(["owner", "id"]).execute();
  await db.schema
    .createIndex("job_by_owner_name")
    .on("job")
    .columns(["owner", "name", "created_at", "id"])
    .where("name", "is not", null)
    .execute();
}
