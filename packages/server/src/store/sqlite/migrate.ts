import { BerthError } from "@berth/protocol";
import { closeSync, fsyncSync, openSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { migrations } from "../migrations/migrations.ts";
import { newerDatabaseFix } from "../migrations/newer-database.ts";
import { kyselyOver } from "./dialect.ts";
import { translateError } from "./translate-error.ts";

/** Makes the database when it is not there, and brings its tables to what this version of Berth expects. */
export async function migrate(path: string): Promise<void> {
  const what = `Cannot open database "${path}"`;
  try {
    makeFile(path);
    using database = openForMigration(path);
    const applied = appliedMigrations(database);
    const unknown = applied.find((name) => !(name in migrations));
    if (unknown !== undefined) {
      throw new BerthError(
        "STORAGE_FAILED",
        `${what}: a newer Berth has written it (migration "${unknown}")`,
        {
          fix: newerDatabaseFix,
        },
      );
    }
    if (applied.length < Object.keys(migrations).length) await runMigrations(database);
  } catch (error) {
    throw translateError(error, what);
  }
}

/** For nobody else to read, and durable itself: SQLite syncs its own files, not the entry of the first one. */
function makeFile(path: string): void {
  try {
    closeSync(openSync(path, "a", 0o600));
  } catch (error) {
    throw new BerthError("STORAGE_FAILED", `Cannot open database "${path}": ${reasonOf(error)}`, {
      cause: error,
    });
  }
  const folder = openSync(dirname(path), "r");
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}

function reasonOf(error: unknown): string {
  const code = error instanceof Error && "code" in error ? error.code : null;
  switch (code) {
    case "ENOENT":
      return "its folder does not exist";
    case "EACCES":
    case "EPERM":
      return "its folder or file may not be written";
    case "EROFS":
      return "its file system is read-only";
    case "ENOSPC":
    case "EDQUOT":
      return "the disk is full";
    default:
      return error instanceof Error ? error.message : String(error);
  }
}

function openForMigration(path: string): DatabaseSync {
  const database = new DatabaseSync(path, { timeout: 5000 });
  try {
    database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL");
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

function appliedMigrations(database: DatabaseSync): string[] {
  const table = database.prepare("SELECT 1 FROM sqlite_master WHERE name = 'kysely_migration'").get();
  if (table === undefined) return [];
  return database
    .prepare("SELECT name FROM kysely_migration ORDER BY name")
    .all()
    .map(({ name }) => String(name));
}

/** Loaded only when there is something to do: most starts find everything applied. */
async function runMigrations(database: DatabaseSync): Promise<void> {
  const { Migrator } = await import("kysely/migration");
  const provider = { getMigrations: () => Promise.resolve({ ...migrations }) };
  const { error } = await new Migrator({ db: kyselyOver(database), provider }).migrateToLatest();
  if (error !== undefined)
    throw error instanceof Error ? error : new Error("Cannot migrate", { cause: error });
}
