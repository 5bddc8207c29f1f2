import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { DatabaseAddress, DatabaseUrl } from "../../core/database-address.ts";
import { Fence } from "../../lib/time/fence.ts";
import type { Tables } from "../queries/tables.ts";
import { kyselyOver as kyselyOverSqlite } from "../sqlite/dialect.ts";
import { migrate as migrateSqlite } from "../sqlite/migrate.ts";
import type { Side } from "./copy-rows.ts";

/**
 * Opens one end of a copy with the tables of this version, for nobody else: PostgreSQL by its lock, the file by that of
 * the data folder, which the caller holds. Throws DATABASE_IN_USE, DATABASE_UNAVAILABLE, STORAGE_FAILED.
 */
export async function openSide(address: DatabaseAddress, dataDir: string): Promise<Side> {
  return address.kind === "sqlite" ? openFile(join(dataDir, "berth.db")) : openServer(address.url);
}

async function openFile(path: string): Promise<Side> {
  await migrateSqlite(path);
  const database = new DatabaseSync(path);
  database.exec("PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON");
  const db = kyselyOverSqlite<Tables>(database);
  return { name: path, db, [Symbol.asyncDispose]: () => db.destroy() };
}

async function openServer(url: DatabaseUrl): Promise<Side> {
  const { Pool } = await import("pg");
  const { connectionConfig, newInstanceName } = await import("../postgres/connect.ts");
  const { kyselyOver } = await import("../postgres/dialect.ts");
  const { migrate } = await import("../postgres/migrate.ts");
  const { Session } = await import("../postgres/session.ts");
  const instance = newInstanceName();
  await using opening = new AsyncDisposableStack();
  const pool = new Pool({ ...connectionConfig(url, instance), max: 2 });
  pool.on("error", () => undefined);
  opening.defer(() => pool.end());
  const nothing = (): void => undefined;
  const heard = {
    onChange: nothing,
    onAccess: nothing,
    onGap: nothing,
    onAway: nothing,
    onTaken: nothing,
    report: nothing,
    // It serves nobody.
    fence: new Fence({ holdsMs: null }),
  };
  opening.use(await Session.open({ url, instance, prepare: () => migrate(pool, url), ...heard }));
  const open = opening.move();
  return {
    name: url.name,
    db: kyselyOver<Tables>(pool),
    [Symbol.asyncDispose]: () => open[Symbol.asyncDispose](),
  };
}
