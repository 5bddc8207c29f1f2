import { isTerminal, jobStates } from "@berth/protocol";
import { type Expression, type ExpressionBuilder, expressionBuilder, type SqlBool } from "kysely";
import type { JobFilter } from "../../store.ts";
import type { Position } from "./cursor.ts";
import type { Database } from "../database.ts";
import { toColumn } from "../words/exact-text.ts";
import type { Tables } from "../tables.ts";

/** An entry of an index, in the order of the list, and whether the rest of the filter holds for its job. */
export interface Candidate {
  id: string;
  created_at: number;
  matches: SqlBool;
}

export type Candidates = Expression<Candidate>;

export interface Window {
  /** Where the entry before the first one stands; null at the beginning. */
  position: Position | null;
  limit: number;
}

/** Whether the index that gives the candidates leaves a part of the filter open. */
export function needsSearch(filter: JobFilter): boolean {
  const { name, labels } = filter;
  const asked = labels.length + (name === null ? 0 : 1);
  return asked > 1 || (asked > 0 && (filter.states !== null || filter.task !== null));
}

/**
 * Candidates newest first from one index, of one owner too: by label, else by name, else by task and state. Of jobs that
 * have not ended there are never many, whatever their names and labels: these are found by their states.
 */
export function candidatesQuery(db: Database, filter: JobFilter, window: Window): Candidates {
  if (filter.states?.every((state) => !isTerminal(state))) return byState(db, filter, window);
  const [label, ...labels] = filter.labels;
  if (label !== undefined) return byLabel(db, { ...filter, labels }, { ...window, label });
  if (filter.name !== null) return byName(db, filter, { ...window, name: filter.name });
  return byState(db, filter, window);
}

function byLabel(
  db: Database,
  filter: JobFilter,
  { label, ...window }: Window & { label: { key: string; value: string } },
): Candidates {
  const { owner } = filter;
  const labeled = db.build
    .selectFrom("job_label")
    .innerJoin("job", "job.id", "job_label.job_id")
    .where("job_label.key", "=", toColumn(label.key))
    .where("job_label.value", "=", toColumn(label.value));
  return (owner === null ? labeled : labeled.where("job_label.owner", "=", toColumn(owner)))
    .where(within(filter, { ...window, at: "job_label.created_at", id: "job_label.job_id" }))
    .select(["job_label.job_id as id", "job_label.created_at", restOf(filter).as("matches")])
    .orderBy("job_label.created_at", "desc")
    .orderBy("job_label.job_id", "desc")
    .limit(window.limit);
}

function byName(db: Database, filter: JobFilter, { name, ...window }: Window & { name: string }): Candidates {
  const { owner } = filter;
  const named = db.build.selectFrom("job").where("job.name", "=", toColumn(name));
  return (owner === null ? named : named.where("job.owner", "=", toColumn(owner)))
    .where(within(filter, { ...window, at: "job.created_at", id: "job.id" }))
    .select(["job.id", "job.created_at", restOf({ ...filter, name: null }).as("matches")])
    .orderBy("job.created_at", "desc")
    .orderBy("job.id", "desc")
    .limit(window.limit);
}

/** One ordered, limited read per state, merged: no state is ever scanned for the sake of another. */
function byState(db: Database, filter: JobFilter, window: Window): Candidates {
  const { owner, task } = filter;
  const rest = restOf({ ...filter, states: null, task: null });
  const oneState = (state: string) => {
    const jobs = db.build.selectFrom("job").where("job.state", "=", state);
    const runs = task === null ? jobs : jobs.where("job.task", "=", task);
    const ownJobs = owner === null ? runs : runs.where("job.owner", "=", toColumn(owner));
    const page = ownJobs
      .where(within(filter, { ...window, at: "job.created_at", id: "job.id" }))
      .select(["job.id", "job.created_at", rest.as("matches")])
      .orderBy("job.created_at", "desc")
      .orderBy("job.id", "desc")
      .limit(window.limit);
    return db.build.selectFrom(page.as("page")).selectAll();
  };
  const [first, ...others] = [...new Set<string>(filter.states ?? jobStates)];
  return others
    .reduce((all, state) => all.unionAll(oneState(state)), oneState(first ?? NO_STATE))
    .orderBy("created_at", "desc")
    .orderBy("id", "desc")
    .limit(window.limit);
}

/** What a filter asks for that names an empty set of states: no job has it. */
const NO_STATE = "";

/** The part of the index that the page comes from. */
function within(
  { createdAfter, createdBefore }: JobFilter,
  columns: Window & { at: "job.created_at" | "job_label.created_at"; id: "job.id" | "job_label.job_id" },
) {
  const build: ExpressionBuilder<Tables, "job" | "job_label"> = expressionBuilder();
  const { position, at, id } = columns;
  return build.and([
    ...(createdAfter === null ? [] : [build(at, ">", createdAfter)]),
    ...(createdBefore === null ? [] : [build(at, "<", createdBefore)]),
    ...(position === null
      ? []
      : [build(build.refTuple(at, id), "<", build.tuple(position.createdAt, position.id))]),
  ]);
}

/** What the index does not cover, as one truth value: each of them has the owner. */
function restOf({ name, task, states, labels }: Omit<JobFilter, "owner">) {
  const build: ExpressionBuilder<Tables, "job"> = expressionBuilder();
  return build.and([
    ...(name === null ? [] : [build("job.name", "=", toColumn(name))]),
    ...(task === null ? [] : [build("job.task", "=", task)]),
    ...(states === null ? [] : [build("job.state", "in", states)]),
    ...labels.map(({ key, value }) => build.exists(sameLabel(key, value))),
  ]);
}

function sameLabel(key: string, value: string) {
  const build: ExpressionBuilder<Tables, "job"> = expressionBuilder();
  return build
    .selectFrom("job_label as other")
    .select("other.key")
    .whereRef("other.job_id", "=", "job.id")
    .where("other.key", "=", toColumn(key))
    .where("other.value", "=", toColumn(value));
}
