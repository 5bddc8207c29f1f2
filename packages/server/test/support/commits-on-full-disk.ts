/**
 * A process with a file system of its own, that fills the disk below a store to its last byte after some commits, and prints
 * how many commits still went then. Arguments: an empty folder, the commits before. To be run in a private mount namespace.
 */
import { execFileSync } from "node:child_process";
import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { openSqliteStore } from "../../src/store/sqlite/open.ts";

const [folder = "", before = ""] = process.argv.slice(2);
/** More than this is not asked for. */
const enough = 150;
execFileSync("mount", ["-t", "tmpfs", "-o", "size=96m", "tmpfs", folder]);
await using store = await openSqliteStore({ path: join(folder, "berth.db") });

let commits = 0;
const commit = (): Promise<void> =>
  store.locks.lock({ name: `${(commits += 1)}-`.padEnd(1000, "y"), lockedAt: 1 });
while (commits < Number(before)) await commit();
for (const size of [2 ** 16, 1]) {
  try {
    for (;;) appendFileSync(join(folder, "fill"), Buffer.alloc(size));
  } catch {
    // The disk is full.
  }
}
const atFull = commits;
try {
  while (commits < atFull + enough) await commit();
  console.log(enough);
} catch {
  console.log(commits - atFull - 1);
}
