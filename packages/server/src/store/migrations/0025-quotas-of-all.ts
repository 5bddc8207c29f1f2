import { type Kysely, sql } from "kysely";

/**
 * Quotas are those of users and of groups, and bound more than a number of jobs. What the jobs of an owner have left is a sum
 * that each end and each deletion changes with its own row.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable("quota_bound")
    .addColumn("kind", "text", (column) => column.notNull())
    .addColumn("subject", "text", (column) => column.notNull())
    .addColumn("jobs", "bigint")
    .addColumn("jobs_per_hour", "bigint")
    .addColumn("cpu_milli", "bigint")
    .addColumn("memory", "bigint")
    .addColumn("stored_bytes", "bigint")
    .addPrimaryKeyConstraint("quota_bound_key", ["kind", "subject"])
    .execute();
  await sql`insert into quota_bound (kind, subject, jobs, jobs_per_hour)
    select 'user', subject, jobs, jobs_per_hour from quota`.execute(db);
  await db.schema.dropTable("quota").execute();
  await db.schema.alterTable("job").addColumn("left_bytes", "bigint").execute();
  await db.schema
    .createTable("left_by_owner")
    .addColumn("owner", "text", (column) => column.primaryKey().notNull())
    .addColumn("bytes", "bigint", (column) => column.notNull())
    .execute();
}
