import { type CompiledQuery, sql } from "kysely";
import type { Database } from "../database.ts";

/** By the index of those who wait, which is used where the state stands in the text of the query. */
export function queuedFor({ build }: Database, engine: string, most: number): CompiledQuery<{ id: string }> {
  return build
    .selectFrom("job")
    .select("id")
    .where(sql<boolean>`state = 'queued'`)
    .where("engine", "=", engine)
    .orderBy("id")
    .limit(most)
    .compile();
}
