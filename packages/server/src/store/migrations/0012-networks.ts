import { type Kysely, sql } from "kysely";

/**
 * Network profiles that were created over the API; what each opened when a job was granted it, by its digest, as a profile
 * may be another by the time the job is looked at; and what jobs reached or were refused. `network` of a job is null for
 * `none`, `contacts` where there is nothing to tell.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable("network_profile")
    .addColumn("name", "text", (column) => column.primaryKey().notNull())
    .addColumn("digest", "text", (column) => column.notNull())
    .addColumn("spec", "text", (column) => column.notNull())
    .addColumn("created_at", "bigint", (column) => column.notNull())
    .addColumn("updated_at", "bigint", (column) => column.notNull())
    .execute();
  await db.schema
    .createTable("network_grant")
    .addColumn("digest", "text", (column) => column.primaryKey().notNull())
    .addColumn("rules", "text", (column) => column.notNull())
    .execute();
  await db.schema
    .createTable("job_contact")
    .addColumn("job_id", "text", (column) => column.notNull().references("job.id").onDelete("cascade"))
    .addColumn("n", "bigint", (column) => column.notNull())
    .addColumn("name", "text")
    .addColumn("address", "text")
    .addColumn("protocol", "text")
    .addColumn("port", "bigint")
    .addColumn("outcome", "text", (column) => column.notNull())
    .addColumn("packets", "bigint", (column) => column.notNull())
    .addColumn("bytes_out", "bigint")
    .addColumn("bytes_in", "bigint")
    .addColumn("first_at", "bigint", (column) => column.notNull())
    .addColumn("last_at", "bigint", (column) => column.notNull())
    .addPrimaryKeyConstraint("job_contact_key", ["job_id", "n"])
    .execute();
  await db.schema.alterTable("job").addColumn("network", "text").execute();
  await db.schema.alterTable("job").addColumn("network_digest", "text").execute();
  await db.schema.alterTable("job").addColumn("network_observed", "bigint").execute();
  await db.schema.alterTable("job").addColumn("contacts", "text").execute();
  // Which jobs hold a profile, and which grants nobody has any more.
  await sql`create index job_by_network on job (network, network_digest) where network is not null`.execute(
    db,
  );
}
