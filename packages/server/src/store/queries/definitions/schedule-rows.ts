import type { Database, Step } from "../database.ts";

/** For the write that defines a schedule. */
export function insertSchedule({ build }: Database, name: string, nextAt: number | null): Step {
  const row = { name, next_at: nextAt, last_at: null, paused_at: null, paused_why: null, refusals: 0 };
  return { query: build.insertInto("schedule").values(row).compile(), exactly: 1 };
}

/** For the write that gives a schedule another cadence. */
export function moveSchedule({ build }: Database, name: string, nextAt: number | null): Step {
  const query = build.updateTable("schedule").set({ next_at: nextAt }).where("name", "=", name).compile();
  return { query, exactly: 1 };
}

/** For the write that deletes one: another of its name has had none of its runs. */
export function deleteSchedule({ build }: Database, name: string): Step[] {
  return [
    { query: build.deleteFrom("schedule").where("name", "=", name).compile() },
    { query: build.deleteFrom("schedule_run").where("schedule", "=", name).compile() },
  ];
}
