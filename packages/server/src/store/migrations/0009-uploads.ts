import { type Kysely, sql } from "kysely";

export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable("upload")
    .addColumn("owner", "text", (column) => column.notNull())
    .addColumn("name", "text", (column) => column.notNull())
    .addColumn("state", "text", (column) => column.notNull())
    .addColumn("bytes", "bigint", (column) => column.notNull())
    .addColumn("length", "bigint")
    .addColumn("part", "text")
    .addColumn("created_at", "bigint", (column) => column.notNull())
    .addColumn("used_at", "bigint", (column) => column.notNull())
    .addPrimaryKeyConstraint("upload_key", ["name", "owner"])
    .execute();
  await db.schema.createIndex("upload_by_owner").on("upload").columns(["owner", "name", "bytes"]).execute();
  await db.schema.createIndex("upload_by_use").on("upload").columns(["state", "used_at"]).execute();
  await db.schema
    .createIndex("upload_by_part")
    .on("upload")
    .column("part")
    .where("part", "is not", null)
    .execute();
  // Which jobs wait for an upload. Beside it lie input files of megabytes: nobody should read those for it.
  await sql`create index job_input_by_archive on job_input (name, job_id) where kind = 'archive'`.execute(db);
}
