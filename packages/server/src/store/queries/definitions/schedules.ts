import type { ScheduleState, ScheduleStore, StoredRun } from "../../../core/task/schedules.ts";
import type { Database } from "../database.ts";
import type { ScheduleRunTable, ScheduleTable } from "./schedule-tables.ts";
import { fromColumn } from "../words/exact-text.ts";
import { takeInstant } from "./take-instant.ts";

export function scheduleQueries(db: Database): ScheduleStore {
  return { ...readSchedules(db), ...moveSchedules(db) };
}

function readSchedules(db: Database): Pick<ScheduleStore, "states" | "due" | "firstAfter" | "runs"> {
  const { build } = db;
  return {
    async states(names) {
      if (names.length === 0) return [];
      const query = build
        .selectFrom("schedule")
        .selectAll()
        .where("name", "in", [...names]);
      return (await db.read(query.compile())).map(stateOf);
    },
    async due(now, { after, limit }) {
      let query = build
        .selectFrom("schedule")
        .select(["name", "next_at"])
        .where("paused_at", "is", null)
        .where("next_at", "<=", now);
      if (after !== null) {
        const { name, nextAt } = after;
        query = query.where((is) =>
          is.or([is("next_at", ">", nextAt), is.and([is("next_at", "=", nextAt), is("name", ">", name)])]),
        );
      }
      const found = await db.read(query.orderBy("next_at").orderBy("name").limit(limit).compile());
      return found.map(({ name, next_at }) => ({ name, nextAt: next_at ?? 0 }));
    },
    async firstAfter(now) {
      const query = build
        .selectFrom("schedule")
        .select("next_at")
        .where("paused_at", "is", null)
        .where("next_at", ">", now)
        .orderBy("next_at")
        .limit(1);
      const [first] = await db.read(query.compile());
      return first?.next_at ?? null;
    },
    async runs(name, { before, limit }) {
      let query = build.selectFrom("schedule_run").selectAll().where("schedule", "=", name);
      if (before !== null) query = query.where("due_at", "<", before);
      return (await db.read(query.orderBy("due_at", "desc").limit(limit).compile())).map(runOf);
    },
  };
}

function moveSchedules(db: Database): Pick<ScheduleStore, "skip" | "refuse" | "pause" | "resume"> {
  const { build } = db;
  return {
    async skip(claim) {
      const taken = { jobId: null, why: null, pauses: null } as const;
      const steps = takeInstant(db, claim, { ...taken, outcome: "skipped", refusals: "as they are" });
      return (await db.write(steps)).done;
    },
    async refuse(claim, { why, pauses, counts }) {
      const refusals = counts ? "one more" : "as they are";
      const steps = takeInstant(db, claim, { outcome: "refused", jobId: null, why, pauses, refusals });
      return (await db.write(steps)).done;
    },
    async pause(name, at) {
      const query = build
        .updateTable("schedule")
        .set({ paused_at: at, paused_why: null })
        .where("name", "=", name)
        .where("paused_at", "is", null)
        .compile();
      return (await db.write([{ query, exactly: 1 }])).done;
    },
    async resume(name, nextAt) {
      const query = build
        .updateTable("schedule")
        .set({ paused_at: null, paused_why: null, refusals: 0, next_at: nextAt })
        .where("name", "=", name)
        .where("paused_at", "is not", null)
        .compile();
      return (await db.write([{ query, exactly: 1 }])).done;
    },
  };
}

function stateOf(row: ScheduleTable): ScheduleState {
  return {
    name: row.name,
    nextAt: row.next_at,
    lastAt: row.last_at,
    pausedAt: row.paused_at,
    pausedWhy: row.paused_why === null ? null : fromColumn(row.paused_why),
    refusals: row.refusals,
  };
}

function runOf(row: ScheduleRunTable): StoredRun {
  return {
    schedule: row.schedule,
    dueAt: row.due_at,
    at: row.at,
    outcome: row.outcome,
    jobId: row.job_id,
    why: row.why === null ? null : fromColumn(row.why),
    missed: row.missed,
  };
}
