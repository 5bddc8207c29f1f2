import { closeSync, fstatSync, openSync, statfsSync, writeSync } from "node:fs";
import type { DatabaseSync } from "node:sqlite";

/** The log file has this length from the first, whatever is in it. */
const roomBytes = 8 * 2 ** 20;
/** No larger share than this of a small disk. */
const mostOfDisk = 1 / 8;
/** What the file goes back to after a burst: never less than the room. */
const longestBytes = 2 * roomBytes;
const step = Buffer.alloc(2 ** 20);

/**
 * Makes the log file so long that commits need no more of the disk for a good while. Room that merely lies free belongs
 * to whoever writes first: a job that writes on and on takes all of it, and could then not even end, which is
 * what gives its room back. Zeros behind the last commit are no log to SQLite. The log is put back into the database as
 * soon as it fills half of that, and then begins at its start again. So the other half is there whenever the disk fills up,
 * also where the log cannot be put back because the database itself has no room to grow. To be called where nobody writes
 * to the database meanwhile.
 */
export function holdLogRoom(database: DatabaseSync, path: string): void {
  // The log is there from the first look at the database on.
  database.prepare("SELECT count(*) FROM sqlite_schema").get();
  try {
    const { blocks, bsize } = statfsSync(path);
    const room = Math.min(roomBytes, blocks * bsize * mostOfDisk);
    const pages = Math.max(Math.floor(room / 2 / frameBytes(database)), 1);
    database.exec(`PRAGMA journal_size_limit = ${longestBytes}; PRAGMA wal_autocheckpoint = ${pages}`);
    lengthen(`${path}-wal`, room);
  } catch {
    // On a disk that is full already, or another database than one with a log: it works as far as it can.
  }
}

/** What a page takes in the log: itself, and 24 bytes about it. */
function frameBytes(database: DatabaseSync): number {
  return Number(database.prepare("PRAGMA page_size").get()?.["page_size"]) + 24;
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
