import { type Kysely, sql } from "kysely";

/**
 * Where schedules stand, and what came of the instants that they were due at. What they say is a definition of the kind
 * `schedule`. An instant is taken once, whoever comes to it.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable("schedule")
    .addColumn("name", "text", (column) => column.primaryKey().notNull())
    .addColumn("next_at", "bigint")
    .addColumn("last_at", "bigint")
    .addColumn("paused_at", "bigint")
    .addColumn("paused_why", "text")
    .addColumn("refusals", "bigint", (column) => column.notNull())
    .execute();
  await db.schema
    .createTable("schedule_run")
    .addColumn("schedule", "text", (column) => column.notNull())
    .addColumn("due_at", "bigint", (column) => column.notNull())
    .addColumn("at", "bigint", (column) => column.notNull())
    .addColumn("outcome", "text", (column) => column.notNull())
    .addColumn("job_id", "text")
    .addColumn("why", "text")
    .addColumn("missed", "bigint", (column) => column.notNull())
    .addPrimaryKeyConstraint("schedule_run_key", ["schedule", "due_at"])
    .execute();
  await sql`create index schedule_by_next on schedule (next_at, name) where paused_at is null`.execute(db);
}
