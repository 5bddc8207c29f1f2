import { type EventType, isTerminal, jobStates, type JobState, terminalStates } from "@berth/protocol";
import { sql } from "kysely";
import type { Job, JobChange } from "../../core/job.ts";
import { statesBefore } from "../../core/transitions.ts";
import type { Database, Step } from "./database.ts";
import { fromJobRow, toChangedColumns } from "./job-row.ts";
import type { JobTable } from "./tables.ts";

const liveStates = jobStates.filter((state) => !isTerminal(state));

/** The one statement that writes a state, guarded by the table of allowed moves. */
export async function transitionJob(
  db: Database,
  id: string,
  { to, at, from, change }: { to: JobState; at: number; from: JobState | null; change: JobChange },
): Promise<Job | null> {
  const endedAt = isTerminal(to) ? { ended_at: change.endedAt ?? at } : {};
  const columns = { ...toChangedColumns(change), ...endedAt, state: to };
  const allowed = statesBefore(to).filter((state) => from === null || state === from);
  return await changeJob(db, id, { columns, from: allowed, event: { type: to, at } });
}

export async function updateJob(
  db: Database,
  id: string,
  { change, event }: { change: JobChange; event: { type: EventType; at: number } | null },
): Promise<Job | null> {
  return await changeJob(db, id, { columns: toChangedColumns(change), from: liveStates, event });
}

interface Change {
  columns: Partial<JobTable>;
  /** The states in which the change is allowed. */
  from: readonly JobState[];
  event: { type: EventType; at: number } | null;
}

async function changeJob(db: Database, id: string, { columns, from, event }: Change): Promise<Job | null> {
  if (from.length === 0) return null;
  const { stop, stop_grace_ms: graceMs, ...others } = columns;
  const query = db.build
    .updateTable("job")
    // Naming the id keeps the statement valid when nothing but an event is recorded.
    .set({
      id,
      ...others,
      ...(stop === undefined || graceMs === undefined ? {} : firstStop(stop, graceMs)),
    })
    .where("id", "=", id)
    .where("state", "in", from)
    .returningAll()
    .compile();
  const steps: Step[] = [{ query, exactly: 1, returns: true }];
  if (event !== null) steps.push(recordEvent(db, id, event));
  const written = await db.write(steps);
  const row = written.done ? written.rows[0]?.[0] : undefined;
  return row === undefined ? null : fromJobRow(row as unknown as JobTable);
}

/** The first request to stop stays the cause; a later one may only shorten the grace. */
function firstStop(stop: string | null, graceMs: number | null) {
  return {
    stop: sql<string | null>`coalesce(stop, ${stop})`,
    stop_grace_ms: sql<
      number | null
    >`case when stop_grace_ms is null or ${graceMs} < stop_grace_ms then ${graceMs} else stop_grace_ms end`,
  };
}

/** The event is a picture of the job right after the change: its cause, exit code and deadline come from the row. */
function recordEvent(db: Database, id: string, { type, at }: { type: EventType; at: number }): Step {
  const query = db.build
    .insertInto("job_event")
    .columns(["job_id", "seq", "type", "at", "cause", "exit_code", "deadline_at"])
    .expression((build) =>
      build
        .selectFrom("job")
        .where("id", "=", id)
        .select((select) => [
          "id",
          sql<number>`(select coalesce(max(seq), 0) + 1 from job_event where job_id = ${id})`.as("seq"),
          select.val(type).as("type"),
          select.val(at).as("at"),
          "cause",
          "exit_code",
          "deadline_at",
        ]),
    )
    .compile();
  return { query, exactly: 1 };
}

/** Forgets a job that has ended; its events, labels, inputs and idempotency key go with it. null when it may not go. */
export async function deleteJob(db: Database, id: string): Promise<JobState | null> {
  const query = db.build
    .deleteFrom("job")
    .where("id", "=", id)
    .where("state", "in", terminalStates)
    .returning("state")
    .compile();
  const written = await db.write([{ query, exactly: 1, returns: true }]);
  return written.done ? ((written.rows[0]?.[0]?.["state"] as JobState | undefined) ?? null) : null;
}

export async function dropInputs(db: Database, id: string): Promise<void> {
  const any = db.build.selectFrom("job_input").select("seq").where("job_id", "=", id).limit(1).compile();
  // Most jobs bring none: looking costs some microseconds, an empty write a turn of the writer.
  if ((await db.read(any)).length === 0) return;
  await db.write([{ query: db.build.deleteFrom("job_input").where("job_id", "=", id).compile() }]);
}
