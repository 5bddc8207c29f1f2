import { jobStates } from "@berth/protocol";
import type { CompiledQuery, ExpressionBuilder, SqlBool } from "kysely";
import { setImmediate } from "node:timers/promises";
import type { Job } from "../../core/job.ts";
import type { JobFilter } from "../store.ts";
import { decodeCursor, encodeCursor, type Position } from "./cursor.ts";
import type { Database } from "./database.ts";
import { toColumn } from "./exact-text.ts";
import { fromJobRow } from "./job-row.ts";
import type { JobTable, Tables } from "./tables.ts";

/** Index entries looked at in one go; between two goes other work gets its turn. */
const CHUNK = 500;
/** A page ends early when its specs and results have this many characters: parsing more would block the loop. */
const PAGE_CHARACTERS = 2 ** 20;

/** An entry of an index, in the order of the list, and whether the rest of the filter holds for its job. */
interface Candidate {
  id: string;
  created_at: number;
  matches: SqlBool;
}

/**
 * Newest first: creation time, then id. An index gives candidates in that order (by label, else by name, else by
 * state and owner), and what it does not cover is asked of each candidate, in bounded chunks.
 */
export async function listJobs(db: Database, filter: JobFilter): Promise<{ items: Job[]; next: string | null }> {
  let position = filter.cursor === null ? null : decodeCursor(filter.cursor);
  const items: Job[] = [];
  let characters = 0;
  for (;;) {
    const limit = hasRest(filter) ? CHUNK : filter.limit + 1;
    const candidates = await db.read(candidatesQuery(db, filter, { position, limit }));
    for (const candidate of candidates) {
      if (!candidate.matches) continue;
      if (items.length === filter.limit || characters >= PAGE_CHARACTERS) return { items, next: cursorAfter(items) };
      const row = await readRow(db, candidate.id);
      if (row === null || !stillMatches(row, filter)) continue;
      items.push(fromJobRow(row));
      characters += row.spec.length + (row.result?.length ?? 0);
    }
    const last = candidates.at(-1);
    if (last === undefined || candidates.length < limit) return { items, next: null };
    position = { createdAt: last.created_at, id: last.id };
    await setImmediate();
  }
}

function cursorAfter(items: readonly Job[]): string | null {
  const last = items.at(-1);
  return last === undefined ? null : encodeCursor(last);
}

/** Other writes come between the chunks: what is answered must be true of the row that is answered. */
function stillMatches(row: JobTable, filter: JobFilter): boolean {
  return filter.states === null || filter.states.some((state) => state === row.state);
}

async function readRow(db: Database, id: string): Promise<JobTable | null> {
  return (await db.read(db.build.selectFrom("job").selectAll().where("id", "=", id).compile()))[0] ?? null;
}

/** Whether the index leaves a part of the filter open. */
function hasRest(filter: JobFilter): boolean {
  if (filter.labels.length > 0) return filter.labels.length > 1 || filter.owner !== null || filter.states !== null || filter.name !== null;
  return filter.name !== null && (filter.owner !== null || filter.states !== null);
}

interface Window {
  position: Position | null;
  limit: number;
}

function candidatesQuery(db: Database, filter: JobFilter, window: Window): CompiledQuery<Candidate> {
  const [label] = filter.labels;
  if (label !== undefined) return byLabel(db, filter, { ...window, label });
  if (filter.name !== null) return byName(db, { ...filter, name: filter.name }, window);
  return byState(db, filter, window);
}

function byLabel(
  db: Database,
  filter: JobFilter,
  { label, ...window }: Window & { label: { key: string; value: string } },
): CompiledQuery<Candidate> {
  return db.build
    .selectFrom("job_label")
    .innerJoin("job", "job.id", "job_label.job_id")
    .where("job_label.key", "=", toColumn(label.key))
    .where("job_label.value", "=", toColumn(label.value))
    .where((build) => within(build, filter, { ...window, at: "job_label.created_at", id: "job_label.job_id" }))
    .select(["job_label.job_id as id", "job_label.created_at"])
    .select((build) => rest(build, { ...filter, labels: filter.labels.slice(1) }).as("matches"))
    .orderBy("job_label.created_at", "desc")
    .orderBy("job_label.job_id", "desc")
    .limit(window.limit)
    .compile();
}

function byName(db: Database, filter: JobFilter & { name: string }, window: Window): CompiledQuery<Candidate> {
  return db.build
    .selectFrom("job")
    .where("job.name", "=", toColumn(filter.name))
    .where((build) => within(build, filter, { ...window, at: "job.created_at", id: "job.id" }))
    .select(["job.id", "job.created_at"])
    .select((build) => rest(build, { ...filter, name: null }).as("matches"))
    .orderBy("job.created_at", "desc")
    .orderBy("job.id", "desc")
    .limit(window.limit)
    .compile();
}

/** One ordered, limited read per state, merged: no state is ever scanned for the sake of another. */
function byState(db: Database, filter: JobFilter, window: Window): CompiledQuery<Candidate> {
  const [first, ...others] = [...new Set(filter.states ?? jobStates)].map((state) => {
    const one = db.build
      .selectFrom("job")
      .where("job.state", "=", state)
      .$if(filter.owner !== null, (query) => query.where("job.owner", "=", toColumn(filter.owner ?? "")))
      .where((build) => within(build, filter, { ...window, at: "job.created_at", id: "job.id" }))
      .select(["job.id", "job.created_at"])
      .select((build) => build.lit(1).$castTo<SqlBool>().as("matches"))
      .orderBy("job.created_at", "desc")
      .orderBy("job.id", "desc")
      .limit(window.limit);
    return db.build.selectFrom(one.as("one")).selectAll();
  });
  if (first === undefined) return none(db);
  return others
    .reduce((all, one) => all.unionAll(one), first)
    .orderBy("created_at", "desc")
    .orderBy("id", "desc")
    .limit(window.limit)
    .compile();
}

/** A filter that names no state at all matches no job. */
function none(db: Database): CompiledQuery<Candidate> {
  return db.build
    .selectFrom("job")
    .select((build) => ["id", "created_at", build.lit(0).$castTo<SqlBool>().as("matches")])
    .where((build) => build.lit(false))
    .compile();
}

type Build = ExpressionBuilder<Tables, "job" | "job_label">;

/** The part of the index that the page comes from. */
function within(
  build: ExpressionBuilder<Tables, "job_label" & "job"> | ExpressionBuilder<Tables, "job"> | Build,
  filter: JobFilter,
  { position, at, id }: Window & { at: "job.created_at" | "job_label.created_at"; id: "job.id" | "job_label.job_id" },
) {
  const { and, eb, refTuple, tuple } = build as Build;
  return and([
    ...(filter.createdAfter === null ? [] : [eb(at, ">", filter.createdAfter)]),
    ...(filter.createdBefore === null ? [] : [eb(at, "<", filter.createdBefore)]),
    ...(position === null ? [] : [eb(refTuple(at, id), "<", tuple(position.createdAt, position.id))]),
  ]);
}

/** What the index does not cover, as one truth value. */
function rest(build: ExpressionBuilder<Tables, "job"> | Build, filter: JobFilter) {
  const { and, eb, exists, selectFrom } = build as ExpressionBuilder<Tables, "job">;
  return and([
    ...(filter.owner === null ? [] : [eb("job.owner", "=", toColumn(filter.owner))]),
    ...(filter.name === null ? [] : [eb("job.name", "=", toColumn(filter.name))]),
    ...(filter.states === null ? [] : [eb("job.state", "in", filter.states)]),
    ...filter.labels.map(({ key, value }) =>
      exists(
        selectFrom("job_label as other")
          .select("other.key")
          .whereRef("other.job_id", "=", "job.id")
          .where("other.key", "=", toColumn(key))
          .where("other.value", "=", toColumn(value)),
      ),
    ),
  ]);
}
