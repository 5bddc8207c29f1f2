import { type Kysely, sql } from "kysely";

/**
 * Runs of a task are listed by state too. All of its states one after another are as good as what held them in one row:
 * so these take the places of `0029`, and a run is in no more indexes than before.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`drop index job_by_task`.execute(db);
  await sql`drop index job_by_task_and_owner`.execute(db);
  await sql`create index job_by_task on job (task, state, created_at, id) where task is not null`.execute(db);
  await sql`create index job_by_task_and_owner on job (task, owner, state, created_at, id)
    where task is not null`.execute(db);
}
