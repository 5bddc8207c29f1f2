import { type CompiledQuery, sql } from "kysely";
import type { Job } from "../../../core/job/job.ts";
import type { AdmittedRun } from "../../store.ts";
import type { Database, Step } from "../database.ts";
import { fromColumn } from "../words/exact-text.ts";

/** All of these go by the index of the runs that have not ended. */
const unfinished = sql<boolean>`task is not null and ended_at is null`;

const inRoom = (task: string) =>
  sql<number>`(select count(*) from job as other where other.task is not null and other.ended_at is null and other.task = ${task} and other.task_waits is null)`;

/** Fails where a run has no room: it is stored with the run, so of any number at once no more go through than there may be. */
export function roomStep({ build }: Database, { task, state }: Pick<Job, "task" | "state">): Step[] {
  const room = task?.room;
  if (task === null || room === undefined || room.waits || state === undefined) return [];
  const query = build
    .updateTable("definition")
    .set((is) => ({ version: is.ref("version") }))
    .where("kind", "=", "task")
    .where("name", "=", task.name)
    .where(inRoom(task.name), "<", room.most)
    .compile();
  return [{ query, exactly: 1 }];
}

/** Gives the first run that waits for it the room there is; null where none waits, or there is none. */
export async function admitRun(db: Database, task: string): Promise<AdmittedRun | null> {
  for (let before: string | null = null; ; ) {
    const [first] = await db.read(firstWaiting(db, task));
    if (first === undefined || first.id === before) return null;
    const query = db.build
      .updateTable("job")
      .set({ task_waits: null })
      .where("id", "=", first.id)
      .where("task_waits", "=", 1)
      .where("ended_at", "is", null)
      .where(inRoom(task), "<", first.task_most ?? 1)
      .compile();
    const { id, engine, limits } = first;
    const { done } = await db.write([{ query, exactly: 1 }]);
    if (done)
      return { id, engine, owner: fromColumn(first.owner), limits: JSON.parse(limits) as Job["limits"] };
    // It is full, or that one was ended at this moment: then another is the first.
    before = id;
  }
}

function firstWaiting({ build }: Database, task: string) {
  return build
    .selectFrom("job")
    .select(["id", "owner", "engine", "limits", "task_most"])
    .where(unfinished)
    .where("task", "=", task)
    .where("task_waits", "=", 1)
    .orderBy("id")
    .limit(1)
    .compile();
}

/** How many runs of its task wait for room before this one. */
export function countAheadInTask(
  { build }: Database,
  { id, task }: { id: string; task: string },
): CompiledQuery<{ count: number }> {
  return build
    .selectFrom("job")
    .select(({ fn }) => fn.countAll<number>().as("count"))
    .where(unfinished)
    .where("task", "=", task)
    .where("task_waits", "=", 1)
    .where("id", "<", id)
    .compile();
}

/** The runs of a task that have not ended, oldest first, up to this one. */
export function runsBefore(
  { build }: Database,
  { id, task }: { id: string; task: string },
): CompiledQuery<{ id: string }> {
  return build
    .selectFrom("job")
    .select("id")
    .where(unfinished)
    .where("task", "=", task)
    .where("id", "<", id)
    .orderBy("id")
    .compile();
}
