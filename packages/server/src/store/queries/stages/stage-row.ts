import type { StageState } from "@berth/protocol";
import type { StageKind } from "../../../core/stages/kinds.ts";
import type { Stage, StageChange } from "../../../core/stages/stage.ts";
import { fromColumn, toColumn } from "../words/exact-text.ts";
import { fromJson, fromJsonOrNull, toJson } from "../job/job-row.ts";
import type { StageTable } from "../tables.ts";

/** The one place that knows how a stage lies in its row. */
export function toStageRow(stage: Stage): StageTable {
  return {
    id: stage.id,
    job_id: stage.jobId,
    position: stage.position,
    kind: stage.kind,
    state: stage.state,
    handle: stage.handle === null ? null : toColumn(stage.handle),
    attempt: stage.attempt,
    started_at: stage.startedAt,
    ended_at: stage.endedAt,
    exit_code: stage.exitCode,
    signal: stage.signal,
    cause: toJson(stage.cause),
    usage: JSON.stringify(stage.usage),
    isolation: toJson(stage.isolation),
  };
}

export function fromStageRow(row: StageTable): Stage {
  return {
    id: row.id,
    jobId: row.job_id,
    position: row.position,
    kind: row.kind as StageKind,
    state: row.state as StageState,
    handle: row.handle === null ? null : fromColumn(row.handle),
    attempt: row.attempt,
    startedAt: row.started_at,
    endedAt: row.ended_at,
    exitCode: row.exit_code,
    signal: row.signal,
    cause: fromJsonOrNull(row.cause),
    usage: fromJson(row.usage),
    isolation: fromJsonOrNull(row.isolation),
  };
}

/** The columns of the fields that a change names. */
export function toChangedStageColumns(change: StageChange): Partial<StageTable> {
  const columns: Partial<StageTable> = {};
  if (change.cause !== undefined) columns.cause = toJson(change.cause);
  if (change.startedAt !== undefined) columns.started_at = change.startedAt;
  if (change.endedAt !== undefined) columns.ended_at = change.endedAt;
  if (change.exitCode !== undefined) columns.exit_code = change.exitCode;
  if (change.signal !== undefined) columns.signal = change.signal;
  if (change.usage !== undefined) columns.usage = JSON.stringify(change.usage);
  if (change.isolation !== undefined) columns.isolation = toJson(change.isolation);
  if (change.attempt !== undefined) columns.attempt = change.attempt;
  return columns;
}
