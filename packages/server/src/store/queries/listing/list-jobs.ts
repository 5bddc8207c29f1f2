import { setImmediate } from "node:timers/promises";
import type { Job } from "../../../core/job.ts";
import type { JobFilter, JobPage } from "../../store.ts";
import { decodeCursor, encodeCursor } from "./cursor.ts";
import type { Database } from "../database.ts";
import { candidatesQuery, needsSearch } from "./job-candidates.ts";
import { fromJobRow } from "../job-row.ts";
import type { JobTable } from "../tables.ts";

/** Index entries looked at in one go; between two goes other work gets its turn. */
const CHUNK = 500;
/** A page ends early when its specs and results have this many characters: parsing more would block the loop. */
const PAGE_CHARACTERS = 2 ** 20;

/**
 * Newest first: creation time, then id. An index gives candidates in that order; what it does not cover is asked
 * of each candidate, in bounded chunks with turns for other work between them.
 */
export async function listJobs(db: Database, filter: JobFilter): Promise<JobPage> {
  let position = filter.cursor === null ? null : decodeCursor(filter.cursor);
  const items: Job[] = [];
  let characters = 0;
  for (;;) {
    const limit = needsSearch(filter) ? CHUNK : filter.limit + 1;
    const candidates = await db.read(candidatesQuery(db, filter, { position, limit }));
    for (const candidate of candidates) {
      if (!candidate.matches) continue;
      if (items.length === filter.limit || characters >= PAGE_CHARACTERS)
        return { items, next: cursorAfter(items), characters };
      const row = await readRow(db, candidate.id);
      if (row === null || !stillMatches(row, filter)) continue;
      items.push(fromJobRow(row));
      characters += row.spec.length + (row.result?.length ?? 0);
    }
    const last = candidates.at(-1);
    if (last === undefined || candidates.length < limit) return { items, next: null, characters };
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

export async function readRow(db: Database, id: string): Promise<JobTable | null> {
  return (await db.read(db.build.selectFrom("job").selectAll().where("id", "=", id).compile()))[0] ?? null;
}
