import type { JobState } from "@berth/protocol";
import type { Job, JobChange, JobEvent } from "../../../core/job/job.ts";
import { KeptSpec } from "../../../core/job/kept-spec.ts";
import { onLoop } from "../../../lib/on-loop.ts";
import { fromColumn, toColumn } from "../words/exact-text.ts";
import type { JobEventTable, JobTable } from "../tables.ts";

/** As it is inserted: what is left of it is known at its end, and what comes with runs of tasks only few have. */
export type NewJobRow = Omit<JobTable, "left_bytes" | keyof RunRow | "retry_at">;

/** What only runs of tasks have. */
export type RunRow = Pick<JobTable, "callbacks" | "retry"> & { alias: string };

/** The one place that knows how a job lies in its row. */
export function toJobRow(job: Job, claimedBy: string | null): NewJobRow {
  return {
    id: job.id,
    owner: toColumn(job.owner),
    name: job.name === null ? null : toColumn(job.name),
    state: job.state,
    engine: job.engine,
    priority: job.priority,
    handle: job.handle === null ? null : toColumn(job.handle),
    exit_code: job.exitCode,
    signal: job.signal,
    created_at: job.createdAt,
    submitted_since_boot: toJson(job.submittedSinceBoot),
    started_at: job.startedAt,
    ended_at: job.endedAt,
    deadline_at: job.deadlineAt,
    cause: toJson(job.cause),
    stop: toJson(job.stop),
    stop_grace_ms: job.stop?.graceMs ?? null,
    usage: JSON.stringify(job.usage),
    limits: JSON.stringify(job.limits),
    run_ms: job.limits.runMs?.value ?? null,
    labels: JSON.stringify(job.labels),
    isolation: toJson(job.isolation),
    spec: job.spec.json,
    result: job.resultJson,
    stages_before: job.stagesBefore === 0 ? null : job.stagesBefore,
    claimed_by: claimedBy,
    network: job.network?.name ?? null,
    network_digest: job.network?.digest ?? null,
    network_observed: job.network?.observe === true ? 1 : null,
    contacts: toJson(job.contacts),
    task: job.task?.name ?? null,
    task_version: job.task?.version ?? null,
    runner_version: job.task?.runnerVersion ?? null,
    task_most: job.task?.room?.most ?? null,
    task_waits: job.task?.room?.waits === true ? 1 : null,
    source: toJson(job.source),
  };
}

/** `known` is the spec of that job where the row comes without. */
export function fromJobRow(row: JobTable, known: KeptSpec | null = null): Job {
  return {
    id: row.id,
    owner: fromColumn(row.owner),
    name: row.name === null ? null : fromColumn(row.name),
    labels: fromJson(row.labels),
    state: row.state as JobState,
    cause: fromJsonOrNull(row.cause),
    exitCode: row.exit_code,
    signal: row.signal,
    createdAt: row.created_at,
    submittedSinceBoot: fromJsonOrNull(row.submitted_since_boot),
    startedAt: row.started_at,
    endedAt: row.ended_at,
    deadlineAt: row.deadline_at,
    usage: fromJson(row.usage),
    isolation: fromJsonOrNull(row.isolation),
    engine: row.engine,
    priority: row.priority,
    network: networkOf(row),
    contacts: fromJsonOrNull(row.contacts),
    task: taskOf(row),
    source: fromJsonOrNull(row.source),
    alias: row.alias === null ? null : fromColumn(row.alias),
    callbacks: fromJsonOrNull(row.callbacks),
    retry: fromJsonOrNull(row.retry),
    handle: row.handle === null ? null : fromColumn(row.handle),
    resultJson: row.result,
    spec: known ?? KeptSpec.stored(row.spec),
    limits: limitsOf(row),
    stagesBefore: row.stages_before ?? 0,
    stop: stopOf(row),
  };
}

/** What a job is made of, but for the spec, which never changes and may be megabytes. */
export const columnsBesideSpec = Object.keys({
  id: true,
  owner: true,
  name: true,
  state: true,
  engine: true,
  priority: true,
  handle: true,
  exit_code: true,
  signal: true,
  created_at: true,
  submitted_since_boot: true,
  started_at: true,
  ended_at: true,
  deadline_at: true,
  cause: true,
  stop: true,
  stop_grace_ms: true,
  usage: true,
  limits: true,
  run_ms: true,
  labels: true,
  isolation: true,
  result: true,
  stages_before: true,
  network: true,
  network_digest: true,
  network_observed: true,
  contacts: true,
  task: true,
  task_version: true,
  runner_version: true,
  task_most: true,
  task_waits: true,
  source: true,
  alias: true,
  callbacks: true,
  retry: true,
} satisfies Record<BesideSpec, true>) as BesideSpec[];

type BesideSpec = Exclude<keyof JobTable, "spec" | "claimed_by" | "left_bytes" | "retry_at">;

function limitsOf({ limits, run_ms: runMs }: JobTable): Job["limits"] {
  const given = fromJson<Job["limits"]>(limits);
  if (given.runMs === null || runMs === null) return given;
  return { ...given, runMs: { ...given.runMs, value: runMs } };
}

function networkOf({
  network: name,
  network_digest: digest,
  network_observed: observed,
}: JobTable): Job["network"] {
  return name === null || digest === null ? null : { name, digest, observe: observed !== null };
}

function taskOf(row: JobTable): Job["task"] {
  const { task: name, task_version: version, runner_version: runnerVersion, task_most: most } = row;
  if (name === null || version === null || runnerVersion === null) return null;
  const room = most === null ? {} : { room: { most, waits: row.task_waits !== null } };
  return { name, version, runnerVersion, ...room };
}

function stopOf(row: JobTable): Job["stop"] {
  const stop = fromJsonOrNull<NonNullable<Job["stop"]>>(row.stop);
  return stop && { ...stop, graceMs: row.stop_grace_ms ?? stop.graceMs };
}

/** The columns of the fields that a change names; a field left out, or undefined, is not among them. */
export function toChangedColumns(change: JobChange): Partial<JobTable> {
  const columns: Partial<JobTable> = {};
  if (change.cause !== undefined) columns.cause = toJson(change.cause);
  if (change.exitCode !== undefined) columns.exit_code = change.exitCode;
  if (change.signal !== undefined) columns.signal = change.signal;
  if (change.startedAt !== undefined) columns.started_at = change.startedAt;
  if (change.endedAt !== undefined) columns.ended_at = change.endedAt;
  if (change.deadlineAt !== undefined) columns.deadline_at = change.deadlineAt;
  if (change.usage !== undefined) columns.usage = JSON.stringify(change.usage);
  if (change.isolation !== undefined) columns.isolation = toJson(change.isolation);
  if (change.contacts !== undefined) columns.contacts = toJson(change.contacts);
  if (change.resultJson !== undefined) columns.result = change.resultJson;
  if (change.source !== undefined) columns.source = toJson(change.source);
  if (change.retry !== undefined) {
    columns.retry = toJson(change.retry);
    columns.retry_at = change.retry?.at ?? null;
  }
  if (change.limits !== undefined) {
    columns.limits = JSON.stringify(change.limits);
    columns.run_ms = change.limits.runMs?.value ?? null;
  }
  if (change.stop !== undefined) {
    columns.stop = toJson(change.stop);
    columns.stop_grace_ms = change.stop?.graceMs ?? null;
  }
  return columns;
}

export function fromEventRow(row: JobEventTable): JobEvent {
  return {
    seq: row.seq,
    jobId: row.job_id,
    type: row.type as JobEvent["type"],
    at: row.at,
    cause: fromJsonOrNull(row.cause),
    exitCode: row.exit_code,
    deadlineAt: row.deadline_at,
    stage: fromJsonOrNull(row.stage),
  };
}

export function toJson(value: unknown): string | null {
  return value === null || value === undefined ? null : toText(value);
}

function toText(value: unknown): string {
  return onLoop("store: put a row together", () => JSON.stringify(value));
}

/** Only the rooms of the store write these columns, so their shape is known. */
export function fromJson<Value>(text: string): Value {
  return onLoop("store: take a row apart", () => JSON.parse(text) as Value);
}

export function fromJsonOrNull<Value>(text: string | null): Value | null {
  return text === null ? null : fromJson<Value>(text);
}
