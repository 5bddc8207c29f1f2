import type { Kysely } from "kysely";

/**
 * Stages that come before a job's user code. That one is the job's own row, so a plain command has none here.
 * `stages_before` tells how many there are, without a look at this table.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable("stage")
    .addColumn("id", "text", (column) => column.primaryKey().notNull())
    .addColumn("job_id", "text", (column) => column.notNull().references("job.id").onDelete("cascade"))
    .addColumn("position", "bigint", (column) => column.notNull())
    .addColumn("kind", "text", (column) => column.notNull())
    .addColumn("state", "text", (column) => column.notNull())
    .addColumn("handle", "text")
    .addColumn("attempt", "bigint", (column) => column.notNull())
    .addColumn("started_at", "bigint")
    .addColumn("ended_at", "bigint")
    .addColumn("exit_code", "bigint")
    .addColumn("signal", "text")
    .addColumn("cause", "text")
    .addColumn("usage", "text", (column) => column.notNull())
    .addColumn("isolation", "text")
    .execute();
  await db.schema.createIndex("stage_by_job").unique().on("stage").columns(["job_id", "position"]).execute();
  await db.schema.alterTable("job").addColumn("stages_before", "bigint").execute();
  await db.schema.alterTable("job_event").addColumn("stage", "text").execute();
}
