import type { Kysely } from "kysely";

interface Before {
  job: { id: string; state: string; limits: string; run_ms: number | null };
}

const unfinished = ["queued", "preparing", "running", "stopping"];

/** The run timeout in a column of its own: deadlines are made of it, and extensions add to it, within one statement. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable("job").addColumn("run_ms", "bigint").execute();
  const jobs = db as Kysely<Before>;
  const rows = await jobs
    .selectFrom("job")
    .select(["id", "limits"])
    .where("state", "in", unfinished)
    .execute();
  for (const { id, limits } of rows) {
    const { runMs } = JSON.parse(limits) as { runMs: { value: number } | null };
    if (runMs !== null)
      await jobs.updateTable("job").set({ run_ms: runMs.value }).where("id", "=", id).execute();
  }
}
