import { join } from "node:path";
import type { DatabaseAddress } from "../core/database-address.ts";
import type { AuditTrail } from "./audit-trail.ts";
import type { StandByOptions } from "./postgres/owner/stand-by.ts";
import { openSqliteStore } from "./sqlite/open.ts";
import type { Store } from "./store.ts";

export interface StoreOptions {
  database: DatabaseAddress;
  dataDir: string;
  /** Hears when the database was lost, and, with null, when it is there again. */
  report: (lost: Error | null) => void;
  /** What audit records are sealed with. */
  trail: AuditTrail;
}

/** Opens the store where the settings say it is. Throws BerthError with one sentence that says why it cannot be opened. */
export async function openStore({ database, dataDir, report, trail }: StoreOptions): Promise<Store> {
  switch (database.kind) {
    case "sqlite":
      return openSqliteStore({ path: join(dataDir, "berth.db"), trail });
    case "postgres": {
      // Only who has such a database loads what speaks to it.
      const { openPostgresStore } = await import("./postgres/open.ts");
      return openPostgresStore({ url: database.url, report, trail, folder: trail.seal.chain });
    }
    default:
      return database satisfies never;
  }
}

/**
 * Resolves once no server has the database. Only of a database of a server's own can that be asked: a data folder's has one at most.
 * Rejects with the signal's reason.
 */
export async function untilDatabaseIsFree(
  database: DatabaseAddress,
  options: Omit<StandByOptions, "url">,
): Promise<void> {
  if (database.kind === "sqlite") return;
  const { untilFree } = await import("./postgres/owner/stand-by.ts");
  await untilFree({ url: database.url, ...options });
}
