import { constants, lstatSync, type Stats } from "node:fs";
import { open, type FileHandle } from "node:fs/promises";
import { join } from "node:path";
import { isWhiteout } from "../bundle/whiteout.ts";

/** Why something in a job's folder is not taken; a sentence's end. */
export class NotTaken extends Error {}

const { O_NOFOLLOW, O_NONBLOCK, O_RDONLY } = constants;

/**
 * Looks at `path` below `root` part by part and follows no link. Only for folders that nothing runs in any more: then
 * nobody can swap a part between the look and the use. Throws NotTaken with the reason.
 */
export function lookBeneath(root: string, path: string): Stats {
  const parts = path.split("/");
  if (parts.some((part) => part === "" || part === "." || part === ".."))
    throw new NotTaken("not a path below the job's folder");
  let at = root;
  for (const [index, part] of parts.entries()) {
    at = join(at, part);
    const found = lstatOrNull(at);
    if (!found || isWhiteout(found)) throw new NotTaken("not there");
    if (index === parts.length - 1) return found;
    if (!found.isDirectory()) throw new NotTaken(found.isSymbolicLink() ? "lies behind a link" : "not there");
  }
  throw new NotTaken("not there");
}

function lstatOrNull(path: string): Stats | null {
  try {
    return lstatSync(path);
  } catch {
    return null;
  }
}

/** Throws NotTaken unless it is a regular file with one name. Ours may have another: a collected artifact has two. */
export function checkPlain(found: Stats): void {
  if (found.isSymbolicLink()) throw new NotTaken("a link");
  if (found.isDirectory()) throw new NotTaken("a folder");
  if (!found.isFile()) throw new NotTaken("not a regular file");
  // Nothing inside of a job can make a file that belongs to the server's own user.
  const isOurs = found.uid === process.getuid?.();
  if (found.nlink > 1 && !isOurs) throw new NotTaken("a file with several names (hard links)");
}

/** Opens a regular file below `root`. Throws NotTaken with the reason. */
export async function openBeneath(root: string, path: string): Promise<FileHandle> {
  checkPlain(lookBeneath(root, path));
  const file = await open(join(root, path), O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  try {
    checkPlain(await file.stat());
    return file;
  } catch (error) {
    await file.close();
    throw error;
  }
}
