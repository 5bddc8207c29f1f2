import { type CompiledQuery, sql } from "kysely";
import type { Database, Step } from "../database.ts";
import { toColumn } from "../words/exact-text.ts";

/** A job has ended, and leaves so much: its owner has that more, with the end itself or not at all. */
export function leftSteps({ build }: Database, id: string, bytes: number | null | undefined): Step[] {
  if (typeof bytes !== "number") return [];
  const query = sql`insert into left_by_owner (owner, bytes)
    select owner, cast(${bytes} as bigint) from job where id = ${id}
    on conflict (owner) do update set bytes = left_by_owner.bytes + excluded.bytes`.compile(build);
  return [{ query }];
}

/** To come before its row is deleted, with that. */
export function forgetLeft({ build }: Database, id: string): CompiledQuery {
  return sql`update left_by_owner set bytes = bytes - (select left_bytes from job where id = ${id})
    where owner = (select owner from job where id = ${id} and left_bytes > 0)`.compile(build);
}

/** What the jobs of these have left, and what their uploads take, together. */
export async function storedBytes(db: Database, owners: readonly string[]): Promise<number> {
  let all = 0;
  for (let first = 0; first < owners.length; first += MOST_NAMES) {
    const names = owners.slice(first, first + MOST_NAMES).map(toColumn);
    const left = db.build.selectFrom("left_by_owner").where("owner", "in", names);
    const uploads = db.build.selectFrom("upload").where("owner", "in", names);
    const sums = await Promise.all([
      db.read(left.select(({ fn }) => fn.sum<number | string | null>("bytes").as("bytes")).compile()),
      db.read(uploads.select(({ fn }) => fn.sum<number | string | null>("bytes").as("bytes")).compile()),
    ]);
    for (const [row] of sums) all += Number(row?.bytes ?? 0);
  }
  return all;
}

/** In one statement: a group may have thousands of members. */
const MOST_NAMES = 500;
