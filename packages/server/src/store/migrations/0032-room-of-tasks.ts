import { type Kysely, sql } from "kysely";

/**
 * A task may have a bound on its runs. What waits for room in its task stands in no line for a slot: the index of those who do
 * leaves it out, so that nobody looks through it to find who is next.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable("job").addColumn("task_most", "bigint").execute();
  await db.schema.alterTable("job").addColumn("task_waits", "bigint").execute();
  await sql`drop index job_queued`.execute(db);
  await sql`create index job_queued on job (engine, owner, priority desc, id) where state = 'queued' and task_waits is null`.execute(
    db,
  );
  await sql`create index job_unfinished_of_task on job (task, task_waits, id) where task is not null and ended_at is null`.execute(
    db,
  );
}
