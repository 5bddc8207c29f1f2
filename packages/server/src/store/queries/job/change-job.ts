import { type EventType, isTerminal, jobStates, type JobState, terminalStates } from "@berth/protocol";
import { sql } from "kysely";
import type { Job, JobChange } from "../../../core/job/job.ts";
import type { KeptSpec } from "../../../core/job/kept-spec.ts";
import type { EventStage } from "../../../core/stages/stage.ts";
import { statesBefore } from "../../../core/job/transitions.ts";
import type { PassedState } from "../../store.ts";
import type { AuditEntry } from "../../../core/audit/record.ts";
import { auditSteps } from "../audit/record-step.ts";
import type { Database, Step } from "../database.ts";
import type { NewDelivery } from "../../../core/job/delivery/delivery.ts";
import type { Contact } from "../../../core/network/contact.ts";
import { forgetLeft, leftSteps } from "../ended/left-bytes.ts";
import { insertDeliveries } from "../ended/insert-deliveries.ts";
import { contactSteps } from "../networks/contacts.ts";
import { columnsBesideSpec, fromJobRow, toChangedColumns, toJson } from "./job-row.ts";
import type { JobTable } from "../tables.ts";
import { template } from "../words/template.ts";

const liveStates = jobStates.filter((state) => !isTerminal(state));

/** The one statement that writes a state, guarded by the table of allowed moves. */
export async function transitionJob(
  db: Database,
  id: string,
  {
    to,
    at,
    from,
    passed,
    stage,
    known,
    contacts,
    deliveries,
    leftBytes = 0,
    audit,
    claims = false,
    change,
  }: {
    to: JobState;
    at: number;
    from: JobState | null;
    passed: PassedState | null;
    stage: EventStage | null;
    known: KeptSpec | null;
    contacts: readonly Contact[];
    deliveries: readonly NewDelivery[];
    leftBytes?: number | undefined;
    audit?: AuditEntry | undefined;
    claims?: boolean | undefined;
    change: JobChange;
  },
): Promise<Job | null> {
  const endedAt = isTerminal(to) ? { ended_at: change.endedAt ?? at } : {};
  const runsSince = to === "running" && change.deadlineAt === undefined ? change.startedAt : null;
  const deadline = typeof runsSince === "number" ? { runs_since: runsSince } : {};
  // Whoever makes a job ready runs it.
  const claim = to === "preparing" || claims ? { claimed_by: db.server } : {};
  const left = leftBytes > 0 ? { left_bytes: leftBytes } : {};
  const columns = { ...toChangedColumns(change), ...endedAt, ...deadline, ...claim, ...left, state: to };
  const allowed = statesBefore(to).filter((state) => from === null || state === from);
  return await changeJob(db, id, {
    columns,
    from: allowed,
    known,
    passed,
    event: { type: to, at, stage },
    ...(!claims && { holder: db.server }),
    contacts,
    deliveries,
    audit,
  });
}

export async function updateJob(
  db: Database,
  id: string,
  { known, audit, ...change }: JobChange & { known: KeptSpec | null; audit?: AuditEntry | undefined },
): Promise<Job | null> {
  return await changeJob(db, id, {
    columns: toChangedColumns(change),
    from: liveStates,
    known,
    passed: null,
    event: null,
    audit,
  });
}

export async function extendJob(
  db: Database,
  id: string,
  {
    byMs,
    at,
    known,
    audit,
  }: { byMs: number; at: number; known: KeptSpec | null; audit?: AuditEntry | undefined },
): Promise<Job | null> {
  const event = { type: "extended", at } as const;
  return await changeJob(db, id, {
    columns: { extend_by: byMs },
    from: liveStates,
    known,
    passed: null,
    event,
    audit,
  });
}

/** Columns that take a value, and what is made of values that are in the row by then. */
type Columns = Partial<JobTable> & { runs_since?: number; extend_by?: number };

/** Whose claim it must be, where somebody has claimed it. */
type Holder = { holder?: string };

interface Change extends Holder {
  columns: Columns;
  /** The states in which the change is allowed. */
  from: readonly JobState[];
  /** The job's spec where it is in memory: then it does not have to come from the database again. */
  known: KeptSpec | null;
  passed: PassedState | null;
  event: { type: EventType; at: number; stage?: EventStage | null } | null;
  contacts?: readonly Contact[];
  deliveries?: readonly NewDelivery[];
  audit: AuditEntry | undefined;
}

async function changeJob(
  db: Database,
  id: string,
  { columns, from, known, passed, event, holder, contacts = [], deliveries = [], audit }: Change,
): Promise<Job | null> {
  if (from.length === 0) return null;
  const query = (known === null ? updateRow : updateRowOfKnown)(
    db,
    { id, ...columns, ...(holder !== undefined && { holder }) },
    from,
  );
  const steps: Step[] = [];
  if (passed !== null) {
    const { stage = null, ...state } = passed;
    steps.push(
      { query: insertPassed(db, { id, ...state }, statesBefore(passed.state)) },
      ...aboutStage(db, id, stage, passed.state),
    );
  }
  const changing = steps.push({ query, exactly: 1, returns: true }) - 1;
  if (event !== null) {
    const { stage = null, ...happened } = event;
    steps.push(
      { query: insertEvent(db, { id, ...happened }), exactly: 1 },
      ...aboutStage(db, id, stage, event.type),
    );
  }
  steps.push(...leftSteps(db, id, columns.left_bytes), ...contactSteps(db, id, contacts));
  steps.push(...insertDeliveries(db, deliveries));
  steps.push(...auditSteps(db, audit));
  const written = await db.write(steps);
  const row = written.done ? written.rows[changing]?.[0] : undefined;
  return row === undefined ? null : fromJobRow(row as unknown as JobTable, known);
}

type RowToUpdate = Columns & Holder & { id: string };

const updateRow = template<RowToUpdate>((build, row, from) =>
  updating(build, row, from).returningAll().compile(),
);

const updateRowOfKnown = template<RowToUpdate>((build, row, from) =>
  updating(build, row, from).returning(columnsBesideSpec).compile(),
);

/**
 * The id is named only where nothing but an event is recorded, as a statement has to set something: where it is set, SQLite writes
 * every index that holds it, and looks for all that refers to it.
 */
function updating(build: Database["build"], row: RowToUpdate, from: readonly string[]) {
  const { id, stop, stop_grace_ms: graceMs, runs_since: since, extend_by: by, holder, ...others } = row;
  const isEmpty = Object.keys(others).length === 0 && since === undefined && by === undefined;
  const update = build
    .updateTable("job")
    .set({
      ...(isEmpty ? { id } : others),
      ...(since === undefined ? {} : { deadline_at: deadlineFrom(since) }),
      ...(by === undefined ? {} : { run_ms: sql`run_ms + ${by}`, deadline_at: sql`deadline_at + ${by}` }),
      ...(stop === undefined || graceMs === undefined ? {} : firstStop(stop, graceMs)),
    })
    .where("id", "=", id)
    .where("state", "in", from);
  if (holder === undefined) return update;
  return update.where((is) => is.or([is("claimed_by", "is", null), is("claimed_by", "=", holder)]));
}

/** null for a job without a run timeout. */
function deadlineFrom(startedAt: number) {
  return sql<number | null>`${startedAt} + run_ms`;
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
const insertEvent = template<{ id: string; type: EventType; at: number }>((build, { id, type, at }) =>
  build
    .insertInto("job_event")
    .columns(["job_id", "seq", "type", "at", "cause", "exit_code", "deadline_at"])
    .expression((inner) =>
      inner
        .selectFrom("job")
        .where("id", "=", id)
        .select((select) => [
          "id",
          nextSeq(id),
          select.val(type).as("type"),
          select.val(at).as("at"),
          "cause",
          "exit_code",
          "deadline_at",
        ]),
    )
    .compile(),
);

/** Comes before the change: where the job is by now in a state that this one cannot follow, there was no such event. */
const insertPassed = template<Omit<PassedState, "stage"> & { id: string }>(
  (build, { id, state, at }, before) =>
    build
      .insertInto("job_event")
      .columns(["job_id", "seq", "type", "at", "deadline_at"])
      .expression((inner) =>
        inner
          .selectFrom("job")
          .where("id", "=", id)
          .where("state", "in", before)
          .select((select) => [
            "id",
            nextSeq(id),
            select.val(state).as("type"),
            select.val(at).as("at"),
            deadlineFrom(at).as("deadline_at"),
          ]),
      )
      .compile(),
);

/** Puts the stage to the event that was inserted last, if it was. A plain command's statements are none the more for it. */
function aboutStage(db: Database, id: string, stage: EventStage | null, type: EventType): Step[] {
  if (stage === null) return [];
  const last = sql<number>`(select max(seq) from job_event where job_id = ${id})`;
  const query = db.build
    .updateTable("job_event")
    .set({ stage: toJson(stage) })
    .where("job_id", "=", id)
    .where("seq", "=", last)
    .where("type", "=", type)
    .compile();
  return [{ query }];
}

export function nextSeq(id: string) {
  return sql<number>`(select coalesce(max(seq), 0) + 1 from job_event where job_id = ${id})`.as("seq");
}

/** Forgets a job that has ended; its events, labels, inputs and idempotency key go with it. null when it may not go. */
export async function deleteJob(
  db: Database,
  id: string,
  audit: AuditEntry | undefined,
): Promise<JobState | null> {
  const query = db.build
    .deleteFrom("job")
    .where("id", "=", id)
    .where("state", "in", terminalStates)
    .returning("state")
    .compile();
  const goes = { query: forgetLeft(db, id) };
  const written = await db.write([goes, { query, exactly: 1, returns: true }, ...auditSteps(db, audit)]);
  return written.done ? ((written.rows[1]?.[0]?.["state"] as JobState | undefined) ?? null) : null;
}
