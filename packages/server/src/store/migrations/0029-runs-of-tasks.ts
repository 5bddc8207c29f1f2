import { type Kysely, sql } from "kysely";

/** Runs of a task are listed newest first: those of everybody, and those of one owner. Jobs of no task are in neither index. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`create index job_by_task on job (task, created_at, id) where task is not null`.execute(db);
  await sql`create index job_by_task_and_owner on job (task, owner, created_at, id) where task is not null`.execute(
    db,
  );
}
