import { constants } from "node:fs";
import { copyFile, lstat, mkdir, open, opendir } from "node:fs/promises";
import type { Stats } from "node:fs";
import { dirname, join, matchesGlob } from "node:path";
import type { Collected, CollectRequest } from "../engine.ts";

/** Copies what matches into the given folder. Nothing runs in `work` any more, so what was looked at stays so. */
export async function collectFrom(work: string, request: CollectRequest): Promise<Collected> {
  const kept: Collected = { artifacts: [], heldBytes: 0, skipped: [] };
  let bytes = 0;
  for await (const path of filesBelow(work, "")) {
    if (!request.paths.some((pattern) => matches(path, pattern))) continue;
    const found = await lstat(join(work, path));
    const reason =
      whyNot(found) ??
      (kept.artifacts.length >= request.maxFiles ? `more than ${request.maxFiles} files` : null) ??
      (bytes + found.size > request.maxBytes ? `more than ${request.maxBytes} bytes together` : null);
    if (reason !== null) {
      kept.skipped.push({ path, reason });
      continue;
    }
    const target = join(request.into, path);
    await mkdir(dirname(target), { recursive: true });
    await copyFile(join(work, path), target, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
    bytes += found.size;
    kept.heldBytes += (await lstat(target)).blocks * 512;
    kept.artifacts.push({ path, size: found.size, modifiedAt: found.mtime.toISOString() });
  }
  const isWild = (path: string): boolean => /[*?[\]{}]/.test(path);
  const named = [...kept.artifacts, ...kept.skipped].map(({ path }) => path);
  const missing = request.paths.filter((path) =>
    isWild(path) ? !named.some((one) => matches(one, path)) : !isNamed(path, kept),
  );
  kept.skipped.push(
    ...missing.map((path) => ({ path, reason: isWild(path) ? "nothing matches" : "does not exist" })),
  );
  return kept;
}

/** Copies all plain files; answers their bytes. */
export async function copyPlain(work: string, into: string): Promise<number> {
  await mkdir(into);
  let bytes = 0;
  for await (const path of filesBelow(work, "")) {
    const found = await lstat(join(work, path));
    if (!found.isFile()) continue;
    await mkdir(dirname(join(into, path)), { recursive: true });
    await copyFile(join(work, path), join(into, path), constants.COPYFILE_EXCL);
    bytes += found.size;
  }
  return bytes;
}

/** The first `maxBytes` + 1 bytes of a regular file that no link leads to; null when there is none. */
export async function readBeneath(
  work: string,
  { path, maxBytes }: { path: string; maxBytes: number },
): Promise<Uint8Array | null> {
  const parts = path.split("/");
  if (parts.some((part) => part === "" || part === "." || part === "..")) return null;
  for (let depth = 1; depth <= parts.length; depth++) {
    const found = await lstat(join(work, ...parts.slice(0, depth))).catch(() => null);
    if (found === null || (depth < parts.length ? !found.isDirectory() : !found.isFile())) return null;
  }
  await using file = await open(
    join(work, path),
    constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK,
  );
  const buffer = Buffer.alloc(Math.min(maxBytes + 1, (await file.stat()).size));
  let length = 0;
  while (length < buffer.byteLength) {
    const { bytesRead } = await file.read(buffer, length, buffer.byteLength - length, length);
    if (bytesRead === 0) break;
    length += bytesRead;
  }
  return buffer.subarray(0, length);
}

async function* filesBelow(root: string, folder: string): AsyncGenerator<string> {
  for await (const entry of await opendir(join(root, folder))) {
    const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
    if (entry.isDirectory()) yield* filesBelow(root, path);
    else yield path;
  }
}

/** A pattern that names a folder means everything in it. */
function matches(path: string, pattern: string): boolean {
  return path.startsWith(`${pattern}/`) || matchesGlob(path, pattern);
}

function isNamed(path: string, { artifacts, skipped }: Collected): boolean {
  return [...artifacts, ...skipped].some((one) => one.path === path || one.path.startsWith(`${path}/`));
}

function whyNot(found: Stats): string | null {
  if (found.isSymbolicLink()) return "is a symbolic link";
  if (found.isFIFO()) return "is a FIFO";
  if (found.isSocket()) return "is a socket";
  if (!found.isFile()) return "is not a regular file";
  return found.nlink > 1 ? "has more than one hard link" : null;
}
