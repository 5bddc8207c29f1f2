import { type Kysely, sql } from "kysely";

/**
 * Who is next of each owner on an engine: as before, only jobs that wait are in the index, so that a job which finds a slot
 * never touches it.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`alter table job add column priority integer not null default 0`.execute(db);
  await sql`drop index job_queued`.execute(db);
  await sql`create index job_queued on job (engine, owner, priority desc, id) where state = 'queued'`.execute(
    db,
  );
}
