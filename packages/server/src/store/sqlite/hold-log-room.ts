import { closeSync, fstatSync, openSync, statfsSync, writeSync } from "node:fs";
import type { DatabaseSync } from "node:sqlite";

/** SQLite puts the log back into the database at 4 MiB, and then begins at its start again: half of this stays unused. */
const roomBytes = 8 * 2 ** 20;
/** No larger share than this of a small disk. */
const mostOfDisk = 1 / 8;
const step = Buffer.alloc(2 ** 20);

/**
 * Makes the log file so long that commits need no more of the disk for a good while. Room that merely lies free belongs
 * to whoever writes first: a job that writes on and on takes all of it, and could then not even end, which is
 * what gives its room back. Zeros behind the last commit are no log to SQLite. To be called where nobody
 * writes to the database meanwhile.
 */
export function holdLogRoom(database: DatabaseSync, path: string): void {
  // The log is there from the first look at the database on.
  database.prepare("SELECT count(*) FROM sqlite_schema").get();
  try {
    const { blocks, bsize } = statfsSync(path);
    lengthen(`${path}-wal`, Math.min(roomBytes, blocks * bsize * mostOfDisk));
  } catch {
    // On a disk that is full already, or another database than one with a log: it works as far as it can.
  }
}

function lengthen(path: string, size: number): void {
  const file = openSync(path, "r+");
  try {
    for (let at = fstatSync(file).size; at < size; )
      at += writeSync(file, step, 0, Math.min(step.length, Math.ceil(size - at)), at);
  } finally {
    closeSync(file);
  }
}
