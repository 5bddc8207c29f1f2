import { closeSync, openSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";

/** SQLite's "somebody else holds a lock". */
const BUSY = 5;

/**
 * Takes a file for this process alone, until disposed; makes it when it is missing. null: somebody else has it.
 *
 * The lock is SQLite's own: an exclusive transaction held open on an empty database, that is a lock of the
 * kernel (fcntl). It ends with the process, however that ends, so that the next one starts at once; children
 * do not inherit it; and it holds across network namespaces and containers that share the folder. Lock files
 * that go by age make a restart after kill -9 wait for them to grow old, and sockets by name are not seen from
 * another network namespace.
 */
export function holdFile(path: string): Disposable | null {
  makeFile(path);
  const database = new DatabaseSync(path, { timeout: 0 });
  try {
    database.exec("BEGIN EXCLUSIVE");
  } catch (error) {
    database.close();
    if (isBusy(error)) return null;
    throw error;
  }
  return {
    [Symbol.dispose]: () => {
      if (database.isOpen) database.close();
    },
  };
}

/** Never opens one that is there: to close it again would let go of a lock that this process has on it (fcntl). */
function makeFile(path: string): void {
  try {
    closeSync(openSync(path, "ax", 0o600));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
}

function isBusy(error: unknown): boolean {
  return error instanceof Error && "errcode" in error && error.errcode === BUSY;
}
