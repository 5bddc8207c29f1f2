import type { Kysely } from "kysely";

/**
 * Secrets, and each version that one has had for as long as a job has it: `data_key` is sealed by the master key of
 * `key_id`, `sealed` by the data key. `source` tells what is stored here from what was read from mounted files for a job.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable("secret_version")
    .addColumn("id", "text", (column) => column.primaryKey().notNull())
    .addColumn("name", "text", (column) => column.notNull())
    .addColumn("source", "text", (column) => column.notNull())
    .addColumn("key_id", "text", (column) => column.notNull())
    .addColumn("data_key", "text", (column) => column.notNull())
    .addColumn("sealed", "text", (column) => column.notNull())
    .addColumn("created_at", "bigint", (column) => column.notNull())
    .execute();
  await db.schema.createIndex("secret_version_by_name").on("secret_version").column("name").execute();
  await db.schema
    .createTable("secret")
    .addColumn("name", "text", (column) => column.primaryKey().notNull())
    .addColumn("version", "bigint", (column) => column.notNull())
    .addColumn("current", "text", (column) => column.notNull().references("secret_version.id"))
    .addColumn("keys", "text", (column) => column.notNull())
    .addColumn("created_at", "bigint", (column) => column.notNull())
    .addColumn("updated_at", "bigint", (column) => column.notNull())
    .execute();
  await db.schema
    .createTable("job_secret")
    .addColumn("job_id", "text", (column) => column.notNull().references("job.id").onDelete("cascade"))
    .addColumn("name", "text", (column) => column.notNull())
    .addColumn("version", "text", (column) => column.notNull().references("secret_version.id"))
    .addPrimaryKeyConstraint("job_secret_key", ["job_id", "name"])
    .execute();
  await db.schema.createIndex("job_secret_by_version").on("job_secret").column("version").execute();
}
