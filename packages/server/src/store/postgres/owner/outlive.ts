import type { Pool } from "pg";
import { sleep } from "../../../lib/clock.ts";
import { folderPrefixOf } from "../../queries/live/server-id.ts";

/** Without an answer for so long, a server shuts its doors: it may be cut off, and another one have the database. */
export const FENCE_MS = 6000;
/** So long the next one waits for that: clocks of two hosts do not differ by a third in so short a time. */
const OUTLIVED_MS = 8000;

/**
 * Resolves once no server that had the database before can have a door open any more: at once where all of them ended by themselves, or
 * their data folder is this one's, whose lock says that they are gone. To be called with the lock of the database in hand, so that none of
 * them has an answer that confirms it from now on.
 */
export async function outliveOthers(pool: Pick<Pool, "query">, server: string): Promise<void> {
  const folder = folderPrefixOf(server);
  if (folder === null) return;
  const text = "SELECT id FROM server_lease WHERE left(id, $2) <> $1 LIMIT 1";
  const { rows } = await pool.query(text, [folder, folder.length]);
  if (rows.length > 0) await sleep(OUTLIVED_MS);
}
