import { type CompiledQuery, sql } from "kysely";
import type { Database } from "../database.ts";
import { fromColumn, toColumn } from "../words/exact-text.ts";

/** All of these go by the index of those who wait, which is used where this stands in the text of the query as in that of the index. */
const waits = sql<boolean>`state = 'queued' and task_waits is null`;

/**
 * The first job of each owner that waits, by owner, from behind `after` on: from one owner to the next, whatever waits between.
 * In the order of the index, by name: for a least owner a database that has not yet looked what it holds reads all that waits.
 */
export async function queuedHeads(
  db: Database,
  engine: string,
  { after, most }: { after: string | null; most: number },
): Promise<{ owner: string; id: string; priority: number }[]> {
  const behind = after === null ? sql`` : sql`and owner > ${toColumn(after)}`;
  const first = sql`from job where ${waits} and engine = ${engine} and owner = one.owner order by priority desc, id limit 1`;
  const heads = sql<{ owner: string; id: string | null; priority: number }>`
    with recursive one(owner) as (
      select (select owner from job where ${waits} and engine = ${engine} ${behind} order by owner, priority desc, id limit 1)
      union all
      select (select owner from job where ${waits} and engine = ${engine} and owner > one.owner order by owner, priority desc, id limit 1)
      from one where one.owner is not null
    )
    select owner, (select id ${first}) as id, (select priority ${first}) as priority
    from one where owner is not null limit ${most}`;
  const rows = await db.read(heads.compile(db.build));
  return rows.flatMap(({ owner, id, priority }) =>
    id === null ? [] : [{ id, priority, owner: fromColumn(owner) }],
  );
}

/** The first jobs of an owner that wait, in their order: the more urgent first, then the older. */
export function queuedOf(
  { build }: Database,
  engine: string,
  { owner, most }: { owner: string; most: number },
): CompiledQuery<{ id: string; priority: number }> {
  return build
    .selectFrom("job")
    .select(["id", "priority"])
    .where(waits)
    .where("engine", "=", engine)
    .where("owner", "=", toColumn(owner))
    .orderBy("priority", "desc")
    .orderBy("id")
    .limit(most)
    .compile();
}

/** How many of its owner's wait before it. */
export function countAhead(
  { build }: Database,
  { id, engine, owner, priority }: { id: string; engine: string; owner: string; priority: number },
): CompiledQuery<{ count: number }> {
  return build
    .selectFrom("job")
    .select(({ fn }) => fn.countAll<number>().as("count"))
    .where(waits)
    .where("engine", "=", engine)
    .where("owner", "=", toColumn(owner))
    .where((is) =>
      is.or([is("priority", ">", priority), is.and([is("priority", "=", priority), is("id", "<", id)])]),
    )
    .compile();
}
