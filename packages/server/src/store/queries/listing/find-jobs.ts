import type { CompiledQuery } from "kysely";
import type { Job } from "../../../core/job/job.ts";
import type { JobReference } from "../../store.ts";
import type { Database } from "../database.ts";
import { toColumn } from "../words/exact-text.ts";
import { fromJobRow } from "../job/job-row.ts";

interface Found {
  id: string;
  created_at: number;
}

/** Jobs that somebody may mean by a name or by the beginning of an id. Each of the two is a range of one index. */
export async function findJobs(db: Database, reference: JobReference): Promise<Job[]> {
  const queries = [byName(db, reference), ...byId(db, reference)];
  const found = (await Promise.all(queries.map((query) => db.read(query)))).flat();
  const newest = found.toSorted(
    (one, other) => other.created_at - one.created_at || (one.id < other.id ? 1 : -1),
  );
  const ids = [...new Set(newest.map(({ id }) => id))].slice(0, reference.limit);
  if (ids.length === 0) return [];
  const rows = await db.read(db.build.selectFrom("job").selectAll().where("id", "in", ids).compile());
  const jobs = new Map(rows.map((row) => [row.id, fromJobRow(row)]));
  return ids.flatMap((id) => jobs.get(id) ?? []);
}

export function byName(db: Database, { owner, text, limit }: JobReference): CompiledQuery<Found> {
  const named = db.build.selectFrom("job").select(["id", "created_at"]).where("name", "=", toColumn(text));
  const own = owner === null ? named : named.where("owner", "=", toColumn(owner));
  return own.orderBy("created_at", "desc").orderBy("id", "desc").limit(limit).compile();
}

export function byId(db: Database, { owner, text, limit }: JobReference): CompiledQuery<Found>[] {
  const start = idStart(text);
  if (start === null) return [];
  const range = db.build
    .selectFrom("job")
    .select(["id", "created_at"])
    .where("id", ">=", start)
    .where("id", "<", `${start}${AFTER_DIGITS}`);
  const own = owner === null ? range : range.where("owner", "=", toColumn(owner));
  return [own.orderBy("id", "desc").limit(limit).compile()];
}

/** Sorts after every character of an id. */
const AFTER_DIGITS = "g";
const GROUPS = [8, 4, 4, 4, 12];

/** The beginning of an id as ids are written, also where it came without hyphens or in capitals; null when it is none. */
function idStart(text: string): string | null {
  const digits = text.toLowerCase().replaceAll("-", "");
  if (!/^[0-9a-f]{1,32}$/.test(digits)) return null;
  let at = 0;
  const groups = GROUPS.map((length) => digits.slice(at, (at += length)));
  return groups.filter((group) => group !== "").join("-");
}
