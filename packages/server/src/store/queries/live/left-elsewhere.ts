import { sql } from "kysely";
import type { Database } from "../database.ts";
import { folderPrefixOf } from "./server-id.ts";

/** Whether a job that somebody may have begun has its files in the data folder of this server. Ids of earlier versions name none. */
export function isOfThisFolder(server: string) {
  const prefix = folderPrefixOf(server);
  if (prefix === null) return sql<boolean>`1 = 1`;
  return sql<boolean>`(claimed_by IS NULL OR claimed_by NOT LIKE '%.%' OR substr(claimed_by, 1, ${sql.lit(prefix.length)}) = ${prefix})`;
}

/** Jobs that a server with another data folder had begun, oldest first: it is gone, as this one has the database. */
export async function leftElsewhere(db: Database): Promise<string[]> {
  const { build, server } = db;
  if (folderPrefixOf(server) === null) return [];
  const query = build
    .selectFrom("job")
    .select("id")
    .where("state", "in", ["preparing", "running", "stopping"])
    .where(sql<boolean>`NOT ${isOfThisFolder(server)}`)
    .orderBy("id")
    .compile();
  return (await db.read(query)).map(({ id }) => id);
}
