import { BerthError } from "@berth/protocol";
import { closeSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

/** SQLite's "somebody else holds a lock". */
const BUSY = 5;

/**
 * Takes a data folder for this server alone, until disposed; makes the folder when it is missing.
 *
 * The lock is SQLite's own: an exclusive transaction held open on an empty database, that is a lock of the
 * kernel (fcntl). It ends with the process, however that ends, so that the next server starts at once; children
 * do not inherit it; and it holds across network namespaces and containers that share the folder. Lock files
 * that go by age make a restart after kill -9 wait for them to grow old, and sockets by name are not seen from
 * another network namespace.
 */
export async function lockDataDir(dir: string): Promise<AsyncDisposable> {
  const what = `Cannot use data folder "${dir}"`;
  const path = join(dir, "server.lock");
  try {
    await mkdir(dir, { recursive: true, mode: 0o700 });
    closeSync(openSync(path, "a", 0o600));
  } catch (error) {
    throw new BerthError("STORAGE_FAILED", `${what}: ${reasonOf(error)}`, { cause: error });
  }
  const database = new DatabaseSync(path, { timeout: 0 });
  const pidFile = join(dir, "server.pid");
  try {
    database.exec("BEGIN EXCLUSIVE");
    writeFileSync(pidFile, `${process.pid}\n`);
  } catch (error) {
    database.close();
    if (!isBusy(error))
      throw new BerthError("STORAGE_FAILED", `${what}: ${reasonOf(error)}`, { cause: error });
    throw new BerthError("DATA_FOLDER_IN_USE", `${what}: another server${pidIn(pidFile)} is using it`, {
      cause: error,
    });
  }
  return {
    [Symbol.asyncDispose]: () => {
      if (database.isOpen) database.close();
      return Promise.resolve();
    },
  };
}

function isBusy(error: unknown): boolean {
  return error instanceof Error && "errcode" in error && error.errcode === BUSY;
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** For the person who reads the sentence; nothing depends on it. */
function pidIn(path: string): string {
  try {
    const pid = readFileSync(path, "utf8").trim();
    return /^\d{1,10}$/.test(pid) ? ` (pid ${pid})` : "";
  } catch {
    return "";
  }
}
