import { type Kysely, sql } from "kysely";

/** Who is next on an engine: only jobs that wait are in it, so that a job which finds a slot never touches it. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`create index job_queued on job (engine, id) where state = 'queued'`.execute(db);
}
