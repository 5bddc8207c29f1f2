import type { Database } from "../database.ts";

export async function dropInputs(db: Database, id: string): Promise<void> {
  const any = db.build.selectFrom("job_input").select("seq").where("job_id", "=", id).limit(1).compile();
  // Most jobs bring none: looking costs some microseconds, an empty write a turn of the writer.
  if ((await db.read(any)).length === 0) return;
  await db.write([{ query: db.build.deleteFrom("job_input").where("job_id", "=", id).compile() }]);
}

/** One job at a time: what all of them brought together can be gigabytes. */
export async function dropInputsOfEnded(db: Database): Promise<void> {
  // From the inputs, of which there are few, to their jobs: a join would begin at all jobs that ever ended.
  const ended = db.build
    .selectFrom("job_input")
    .where((from) =>
      from.exists(
        from
          .selectFrom("job")
          .whereRef("job.id", "=", "job_input.job_id")
          .where("job.ended_at", "is not", null)
          .where("job.retry_at", "is", null)
          .select("job.id"),
      ),
    )
    .select("job_id as id")
    .distinct()
    .compile();
  for (const { id } of await db.read(ended)) await dropInputs(db, id);
}
