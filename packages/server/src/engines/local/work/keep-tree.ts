import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { ordinarily } from "../../../lib/turns/go-first.ts";

const run = promisify(execFile);
/** A gigabyte in a hundred thousand files, on a slow disk. */
const PATIENCE_MS = 600_000;

/**
 * $1 a job's folder in which nothing runs any more, $2 where the tree is to be. Links are copied as links, so nothing leads out;
 * what is no file, folder or link stays behind, and nobody owns a program that runs as somebody else.
 */
const SCRIPT = `set -eu
umask 022
mkdir -m 0777 -- "$2"
cp -dR --preserve=mode,timestamps --reflink=auto -- "$1/." "$2"
rm -rf -- "$2/.berth-input.json"
find "$2" -mindepth 1 ! -type f ! -type d ! -type l -delete
chmod -R a-s,a+rwX -- "$2"
sync -f -- "$2"
du -s -B1 -- "$2" | cut -f1
`;

/** Copies a job's folder as a tree over which other jobs' folders can lie; answers what it takes of the disk. */
export async function keepTree(work: string, into: string): Promise<number> {
  const { stdout } = await ordinarily(() =>
    run("/bin/sh", ["-c", SCRIPT, "keep", work, into], { timeout: PATIENCE_MS, env: {}, cwd: "/" }),
  );
  return Number(stdout);
}
