import {
  close,
  closeSync,
  constants,
  fstat,
  fstatSync,
  type BigIntStats,
  open,
  openSync,
  read,
  readSync,
} from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { cannotPack, changed, reasonOf } from "./folder-error.ts";
import type { FolderEntry } from "./list-folder.ts";

export type FileEntry = FolderEntry & { kind: "file" };

/** A file in the folder that it was listed in. */
export interface Listed {
  folder: string;
  entry: FileEntry;
}

// By their numbers: with a FileHandle for each of many small files, packing takes twice as long.
const openPath = promisify(open);
const readAt = promisify(read);
const statOf = promisify(fstat);
export const closeFile = promisify(close);

/** Reads a whole file. Throws FOLDER_CHANGED where it is not what it was when it was listed. */
export async function readWhole(file: Listed, into: Uint8Array): Promise<void> {
  const descriptor = await openListed(file);
  try {
    await readPart(descriptor, file, { into, from: 0 });
    await demandSame(descriptor, file);
  } finally {
    await closeFile(descriptor);
  }
}

/** The same in this thread. */
export function readWholeNow(file: Listed, into: Uint8Array): void {
  const { folder, entry } = file;
  let descriptor: number;
  try {
    descriptor = openSync(join(folder, entry.path), FLAGS);
  } catch (error) {
    throw notOpened(file, error);
  }
  try {
    for (let at = 0; at < into.length; ) {
      const bytesRead = readSync(descriptor, into, at, into.length - at, at);
      if (bytesRead === 0) throw changed(folder, entry.path);
      at += bytesRead;
    }
    compare(fstatSync(descriptor, { bigint: true }), file);
  } catch (error) {
    compare(fstatSync(descriptor, { bigint: true }), file);
    throw notRead(file, error);
  } finally {
    closeSync(descriptor);
  }
}

export async function openListed(file: Listed): Promise<number> {
  try {
    return await openPath(join(file.folder, file.entry.path), FLAGS);
  } catch (error) {
    throw notOpened(file, error);
  }
}

/** Neither a link nor a pipe that took the file's place meanwhile leads anywhere. */
const FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/** Reads as many bytes as there is room for. */
export async function readPart(
  descriptor: number,
  file: Listed,
  { into, from }: { into: Uint8Array; from: number },
): Promise<void> {
  try {
    for (let at = 0; at < into.length; ) {
      const { bytesRead } = await readAt(descriptor, into, at, into.length - at, from + at);
      if (bytesRead === 0) throw changed(file.folder, file.entry.path);
      at += bytesRead;
    }
  } catch (error) {
    await demandSame(descriptor, file);
    throw notRead(file, error);
  }
}

/** After it was read: then nothing of what was read can have changed meanwhile. */
export async function demandSame(descriptor: number, file: Listed): Promise<void> {
  compare(await statOf(descriptor, { bigint: true }), file);
}

function compare(stat: BigIntStats, { folder, entry }: Listed): void {
  const isSame = stat.isFile() && Number(stat.size) === entry.size && stat.mtimeNs === entry.mtimeNs;
  if (!isSame) throw changed(folder, entry.path);
}

function notOpened(file: Listed, error: unknown): unknown {
  const { code } = error as NodeJS.ErrnoException;
  if (code === "ENOENT" || code === "ELOOP" || code === "ENOTDIR" || code === "ENXIO")
    return changed(file.folder, file.entry.path);
  return notRead(file, error);
}

/** A pipe or a folder that took its place cannot be read either: whoever asks has looked for that before. */
function notRead({ folder, entry: { path } }: Listed, error: unknown): unknown {
  if (!(error instanceof Error) || !("syscall" in error)) return error;
  return cannotPack(folder, `"${path}" cannot be read: ${reasonOf(error)}`, { cause: error });
}
