import { setImmediate } from "node:timers/promises";
import { type CompiledQuery, type SqlBool, sql } from "kysely";
import type { Job } from "../../../core/job/job.ts";
import type { JobFilter, JobPage } from "../../store.ts";
import { decodeCursor, encodeCursor, type Position } from "./cursor.ts";
import type { Database } from "../database.ts";
import { type Candidate, type Candidates, candidatesQuery, needsSearch } from "./job-candidates.ts";
import { fromJobRow } from "../job/job-row.ts";
import type { JobTable } from "../tables.ts";

/** Index entries looked at in one go; between two goes other work gets its turn. */
const CHUNK = 500;
/** A page ends early when its specs and results have this many bytes: parsing more would block the loop. */
const PAGE_BYTES = 2 ** 20;

/**
 * Newest first: creation time, then id. An index gives candidates in that order, and a page where the index covers the
 * filter is one query. What it does not cover is asked of each candidate first, in bounded chunks with turns for other
 * work between them.
 */
export async function listJobs(db: Database, filter: JobFilter): Promise<JobPage> {
  let position = filter.cursor === null ? null : decodeCursor(filter.cursor);
  const items: Job[] = [];
  let characters = 0;
  for (;;) {
    const isSearch = needsSearch(filter);
    const limit = isSearch ? CHUNK : filter.limit + 1;
    const room = { jobs: filter.limit - items.length, bytes: PAGE_BYTES - characters };
    const candidates = candidatesQuery(db, filter, { position, limit });
    const { rows, last, count } = await (isSearch ? search : take)(db, { candidates, filter, room });
    for (const row of rows) {
      if (!isWhole(row)) return { items, next: cursorAfter(items), characters };
      items.push(fromJobRow(row));
      characters += row.spec.length + (row.result?.length ?? 0);
    }
    if (last === null || count < limit) return { items, next: null, characters };
    position = last;
    await setImmediate();
  }
}

interface Asked {
  candidates: Candidates;
  filter: JobFilter;
  /** What the page may still take. */
  room: { jobs: number; bytes: number };
}

interface Found {
  rows: readonly PageRow[];
  /** The last candidate that was looked at, and how many were. */
  last: Position | null;
  count: number;
}

/** All candidates match. */
async function take(db: Database, { candidates, room }: Asked): Promise<Found> {
  const rows = await db.read(pageQuery(db, candidates, room));
  const last = rows.at(-1);
  const position = last === undefined ? null : { createdAt: last.candidate_at, id: last.candidate_id };
  return { rows, last: position, count: rows.length };
}

async function search(db: Database, { candidates, filter: { states }, room }: Asked): Promise<Found> {
  const seen = await db.read(sql<Candidate>`select * from ${candidates} as candidate`.compile(db.build));
  const last = seen.at(-1);
  const ids = seen.flatMap(({ id, matches }) => (matches ? [id] : [])).slice(0, room.jobs + 1);
  const matching = db.build
    .selectFrom("job")
    .select(["id", "created_at", sql<SqlBool>`true`.as("matches")])
    .where("id", "in", ids);
  // Other writes come between: what is answered must be true of the row that is answered.
  const still = states === null ? matching : matching.where("state", "in", states);
  return {
    rows: ids.length === 0 ? [] : await db.read(pageQuery(db, still, room)),
    last: last === undefined ? null : { createdAt: last.created_at, id: last.id },
    count: seen.length,
  };
}

/** A candidate, with its job where the page has room for it. */
type PageRow = { candidate_id: string; candidate_at: number } & (
  | JobTable
  | { [Column in keyof JobTable]: null }
);

function isWhole(row: PageRow): row is PageRow & JobTable {
  return row.id !== null;
}

/** Sizes are known without a look into the texts; only those of the page are read. */
function pageQuery(
  db: Database,
  candidates: Candidates,
  room: { jobs: number; bytes: number },
): CompiledQuery<PageRow> {
  const page = sql<PageRow>`
    with candidate as ${candidates},
    counted as (
      select candidate.id, candidate.created_at,
        row_number() over (order by candidate.created_at desc, candidate.id desc) as place,
        coalesce(sum(octet_length(job.spec) + coalesce(octet_length(job.result), 0)) over (
          order by candidate.created_at desc, candidate.id desc rows between unbounded preceding and 1 preceding
        ), 0) as bytes_before
      from candidate join job on job.id = candidate.id
    )
    select counted.id as candidate_id, counted.created_at as candidate_at, job.*
    from counted left join job
      on job.id = counted.id and counted.place <= ${room.jobs} and counted.bytes_before < ${room.bytes}
    order by counted.created_at desc, counted.id desc`;
  return page.compile(db.build);
}

function cursorAfter(items: readonly Job[]): string | null {
  const last = items.at(-1);
  return last === undefined ? null : encodeCursor(last);
}
