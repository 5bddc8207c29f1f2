import { sql } from "kysely";
import type { DueClaim, StoredRun } from "../../../core/task/schedules.ts";
import type { Database, Step } from "../database.ts";
import { toColumn } from "../words/exact-text.ts";

/** So long it is shown what came of an instant. */
const KEPT_MS = 90 * 24 * 60 * 60_000;

/** What else of a schedule changes with an instant that is taken. */
export interface Taken extends Pick<StoredRun, "outcome" | "jobId" | "why"> {
  /** `start over` where the run went well, `one more` where it was refused. */
  refusals: "start over" | "one more" | "as they are";
  pauses: string | null;
}

/** For the write that acts on an instant: of all that try it one is stored, and none where the schedule is another one by now. */
export function takeInstant({ build }: Database, claim: DueClaim, taken: Taken): Step[] {
  const { schedule, version, from, dueAt, nextAt, missed, at } = claim;
  const { outcome, jobId, why, refusals, pauses } = taken;
  const move = build
    .updateTable("schedule")
    .set({ next_at: nextAt, last_at: dueAt })
    .$if(refusals === "start over", (update) => update.set({ refusals: 0 }))
    .$if(refusals === "one more", (update) => update.set({ refusals: sql`refusals + 1` }))
    .$if(pauses !== null, (update) => update.set({ paused_at: at, paused_why: toColumn(pauses ?? "") }))
    .where("name", "=", schedule)
    .where("next_at", "=", from)
    .where("paused_at", "is", null)
    .where((is) =>
      is.exists(
        is
          .selectFrom("definition")
          .select("name")
          .where("kind", "=", "schedule")
          .where("name", "=", schedule)
          .where("version", "=", version),
      ),
    )
    .compile();
  const row = {
    schedule,
    due_at: dueAt,
    at,
    outcome,
    job_id: jobId,
    why: why === null ? null : toColumn(why),
    missed,
  };
  const note = build
    .insertInto("schedule_run")
    .values(row)
    .onConflict((conflict) => conflict.columns(["schedule", "due_at"]).doNothing())
    .compile();
  const forget = build
    .deleteFrom("schedule_run")
    .where("schedule", "=", schedule)
    .where("due_at", "<", dueAt - KEPT_MS)
    .compile();
  return [{ query: move, exactly: 1 }, { query: note, exactly: 1 }, { query: forget }];
}

/** For the write of the job that is the run of it. */
export function takeForJob(db: Database, claim: DueClaim, jobId: string): Step[] {
  return takeInstant(db, claim, {
    outcome: "submitted",
    jobId,
    why: null,
    refusals: "start over",
    pauses: null,
  });
}
