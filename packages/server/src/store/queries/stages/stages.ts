import type { StageState } from "@berth/protocol";
import type { EventStage, Stage, StageChange } from "../../../core/stages/stage.ts";
import { stageStatesBefore } from "../../../core/stages/stage-transitions.ts";
import type { StageStore } from "../../store.ts";
import type { Database, Step } from "../database.ts";
import { nextSeq } from "../job/change-job.ts";
import { toJson } from "../job/job-row.ts";
import type { Watchers } from "../live/watchers.ts";
import type { StageTable } from "../tables.ts";
import { fromStageRow, toChangedStageColumns, toStageRow } from "./stage-row.ts";

export function stageQueries(db: Database, watchers: Watchers): StageStore {
  return {
    async list(jobId) {
      const query = db.build.selectFrom("stage").selectAll().where("job_id", "=", jobId).orderBy("position");
      return (await db.read(query.compile())).map(fromStageRow);
    },
    async get(id) {
      const [row] = await db.read(db.build.selectFrom("stage").selectAll().where("id", "=", id).compile());
      return row === undefined ? null : fromStageRow(row);
    },
    async transition(stage, to, { at, ...change }) {
      const changed = await transitionStage(db, { stage, to, at, change });
      if (changed !== null) watchers.notify(stage.jobId);
      return changed;
    },
  };
}

/** The steps that store the stages of a new job with it. */
export function insertStages(db: Database, stages: readonly Stage[]): Step[] {
  return stages.map((stage) => ({ query: db.build.insertInto("stage").values(toStageRow(stage)).compile() }));
}

/** The one statement that writes the state of a stage, guarded by the table of allowed moves; its event goes with it. */
async function transitionStage(
  db: Database,
  { stage, to, at, change }: { stage: Stage; to: StageState; at: number; change: StageChange },
): Promise<Stage | null> {
  const { id, jobId, kind } = stage;
  const from = stageStatesBefore(to);
  if (from.length === 0) return null;
  const query = db.build
    .updateTable("stage")
    .set({ ...toChangedStageColumns(change), state: to })
    .where("id", "=", id)
    .where("state", "in", from)
    .where("job_id", "in", (those) =>
      those
        .selectFrom("job")
        .select("id")
        .where("id", "=", jobId)
        .where((is) => is.or([is("claimed_by", "is", null), is("claimed_by", "=", db.server)])),
    )
    .returningAll()
    .compile();
  const event = insertEvent(db, jobId, { at, stage: { id, kind, state: to } });
  const written = await db.write([
    { query, exactly: 1, returns: true },
    { query: event, exactly: 1 },
  ]);
  const row = written.done ? written.rows[0]?.[0] : undefined;
  return row === undefined ? null : fromStageRow(row as unknown as StageTable);
}

/** Of the type of the state that the job is in: what happens to a stage before the user's prepares the job. */
function insertEvent(
  db: Database,
  jobId: string,
  { at, stage }: { at: number; stage: EventStage },
): Step["query"] {
  return db.build
    .insertInto("job_event")
    .columns(["job_id", "seq", "type", "at", "deadline_at", "stage"])
    .expression((inner) =>
      inner
        .selectFrom("job")
        .where("id", "=", jobId)
        .select((select) => [
          "id",
          nextSeq(jobId),
          "state",
          select.val(at).as("at"),
          "deadline_at",
          select.val(toJson(stage)).as("stage"),
        ]),
    )
    .compile();
}
