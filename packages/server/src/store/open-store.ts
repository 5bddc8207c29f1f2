import { join } from "node:path";
import type { DatabaseAddress } from "../core/database-address.ts";
import { openSqliteStore } from "./sqlite/open.ts";
import type { Store } from "./store.ts";

export interface StoreOptions {
  database: DatabaseAddress;
  dataDir: string;
  /** Hears when the database was lost, and, with null, when it is there again. */
  report: (lost: Error | null) => void;
}

/** Opens the store where the settings say it is. Throws BerthError with one sentence that says why it cannot be opened. */
export async function openStore({ database, dataDir, report }: StoreOptions): Promise<Store> {
  switch (database.kind) {
    case "sqlite":
      return openSqliteStore({ path: join(dataDir, "berth.db") });
    case "postgres": {
      // Only who has such a database loads what speaks to it.
      const { openPostgresStore } = await import("./postgres/open.ts");
      return openPostgresStore({ url: database.url, report });
    }
    default:
      return database satisfies never;
  }
}
