import { expressionBuilder, sql } from "kysely";
import type { FinishedJob, JobStore } from "../../store.ts";
import type { Database } from "../database.ts";
import { fromColumn } from "../words/exact-text.ts";
import type { Tables } from "../tables.ts";

/** What a contact takes, about. */
const CONTACT_BYTES = 150;

/** Without a look into the texts: their lengths stand before them. */
const recordBytes = sql<number>`octet_length(spec) + coalesce(octet_length(result), 0)
  + case when contacts is null then 0
    else ${sql.lit(CONTACT_BYTES)} * (select count(*) from job_contact where job_id = job.id) end`;

/**
 * Finished jobs in the order of their ends, from one index; what is to be run again has not come to its end. Not asked
 * by state: SQLite would take the index of states, and sort all that ever ended for each page.
 */
export async function finishedJobs(
  db: Database,
  { endedBefore, limit, after = null }: Parameters<JobStore["finished"]>[0],
): Promise<FinishedJob[]> {
  const build = expressionBuilder<Tables, "job">();
  const all = db.build
    .selectFrom("job")
    .select(["id", "owner", "ended_at", "handle", "engine", recordBytes.as("record_bytes")])
    .where("ended_at", "<", endedBefore)
    .where("retry_at", "is", null);
  const rest =
    after === null
      ? all
      : all.where(build(build.refTuple("ended_at", "id"), ">", build.tuple(after.endedAt, after.id)));
  const query = rest.orderBy("ended_at").orderBy("id").limit(limit);
  const rows = await db.read(query.$narrowType<{ ended_at: number }>().compile());
  return rows.map(({ id, owner, ended_at, handle, engine, record_bytes }) => ({
    id,
    owner: fromColumn(owner),
    endedAt: ended_at,
    handle: handle === null ? null : fromColumn(handle),
    engine,
    recordBytes: record_bytes,
  }));
}
