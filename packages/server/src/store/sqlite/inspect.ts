import { stat, statfs } from "node:fs/promises";
import { CompiledQuery } from "kysely";
import type { Database } from "../queries/database.ts";
import { probe } from "../queries/live/probe.ts";
import type { DatabaseReport, DurabilitySetting } from "../database-report.ts";
import { migrations } from "../migrations/migrations.ts";

/** What statfs(2) calls tmpfs and ramfs. */
const MEMORY = [0x01021994, 0x858458f6];
/** What `PRAGMA synchronous` answers for FULL; EXTRA is above. */
const FULL = 2;

export async function inspectSqlite(database: Database, path: string): Promise<DatabaseReport> {
  const report: DatabaseReport = {
    kind: "sqlite",
    place: path,
    failure: null,
    version: null,
    migrations: null,
    // The lock of the data folder is the kernel's: who runs has it.
    holder: { isThisServer: true, name: `pid ${process.pid}, by the lock of the data folder` },
    sizeBytes: null,
    disk: null,
    connections: null,
    durability: [],
  };
  try {
    report.disk = await diskOf(path);
    report.sizeBytes = await sizeOf(path);
    const [version] = await ask<{ version: string }>(database, "SELECT sqlite_version() AS version");
    report.version = `SQLite ${version?.version ?? ""}`;
    const applied = await ask<{ name: string }>(database, "SELECT name FROM kysely_migration ORDER BY name");
    report.migrations = {
      applied: applied.map(({ name }) => name),
      known: Object.keys(migrations).length,
    };
    await probe(database);
    report.durability = await durability(database);
  } catch (error) {
    report.failure = error instanceof Error ? error : new Error(String(error));
  }
  return report;
}

function ask<Row>(database: Database, sql: string): Promise<Row[]> {
  return database.read(CompiledQuery.raw(sql));
}

/** As the connection that writes has them. */
async function durability(database: Database): Promise<DurabilitySetting[]> {
  const asked = ["PRAGMA synchronous", "PRAGMA journal_mode"];
  const steps = asked.map((sql) => ({ query: { sql, parameters: [] }, returns: true }));
  const written = await database.write(steps);
  const [[synchronous] = [], [journal] = []] = written.done ? written.rows : [];
  const level = Number(synchronous?.["synchronous"]);
  const mode = String(journal?.["journal_mode"]);
  return [
    {
      name: "synchronous",
      value: ["OFF", "NORMAL", "FULL", "EXTRA"][level] ?? "?",
      isDurable: level >= FULL,
    },
    { name: "journal_mode", value: mode, isDurable: mode !== "off" && mode !== "memory" },
  ];
}

/** With what lies beside it while it is open. */
async function sizeOf(path: string): Promise<number> {
  const sizes = ["", "-wal", "-shm"].map(
    async (end) => (await stat(path + end).catch(() => null))?.size ?? 0,
  );
  return (await Promise.all(sizes)).reduce((all, size) => all + size, 0);
}

async function diskOf(path: string): Promise<DatabaseReport["disk"]> {
  const { bavail, blocks, bsize, type } = await statfs(path);
  return { freeBytes: bavail * bsize, totalBytes: blocks * bsize, isMemory: MEMORY.includes(type) };
}
