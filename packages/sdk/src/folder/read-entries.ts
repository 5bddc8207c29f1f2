import { constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { join } from "node:path";
import { changed, cannotPack, reasonOf } from "./folder-error.ts";
import type { FolderEntry } from "./list-folder.ts";

type FileEntry = FolderEntry & { kind: "file" };

/** Read at once; a file that is no larger is read ahead, beside others. */
const BLOCK_BYTES = 2 ** 18;
/** Most files that are read ahead: opening one is mostly waiting. */
const AHEAD = 16;

/** An entry with its bytes; a file's come in one block or more. */
export interface ReadEntry {
  entry: FolderEntry;
  blocks: () => AsyncIterable<Uint8Array>;
}

/**
 * Each entry in turn, with what it holds. Throws FOLDER_CHANGED where a file is not what it was when it was listed:
 * looked at after it was read, so that nothing of it can have changed meanwhile.
 */
export async function* readEntries(
  folder: string,
  entries: readonly FolderEntry[],
): AsyncGenerator<ReadEntry, void> {
  const ahead = new Map<FolderEntry, Promise<Uint8Array>>();
  let begun = 0;
  try {
    for (const [at, entry] of entries.entries()) {
      for (; begun < Math.min(at + AHEAD, entries.length); begun += 1) {
        const next = entries[begun];
        if (next?.kind !== "file" || next.size > BLOCK_BYTES) continue;
        const reading = readWhole(folder, next);
        // Met where it is awaited, which may be never.
        reading.catch(() => undefined);
        ahead.set(next, reading);
      }
      const whole = ahead.get(entry);
      ahead.delete(entry);
      yield { entry, blocks: () => blocksOf(folder, entry, whole) };
    }
  } finally {
    await Promise.allSettled(ahead.values());
  }
}

async function* blocksOf(
  folder: string,
  entry: FolderEntry,
  whole: Promise<Uint8Array> | undefined,
): AsyncGenerator<Uint8Array, void> {
  if (entry.kind !== "file" || entry.size === 0) return void (await whole);
  if (whole !== undefined) return void (yield await whole);
  const file = await openEntry(folder, entry);
  try {
    for (let at = 0; at < entry.size; ) {
      const block = await readBlock(file, entry, { at, folder });
      at += block.length;
      yield block;
    }
    await demandSame(file, folder, entry);
  } finally {
    await file.close();
  }
}

async function readWhole(folder: string, entry: FileEntry): Promise<Uint8Array> {
  const file = await openEntry(folder, entry);
  try {
    let block: Uint8Array = new Uint8Array();
    if (entry.size > 0) block = await readBlock(file, entry, { at: 0, folder });
    await demandSame(file, folder, entry);
    if (block.length !== entry.size) throw changed(folder, entry.path);
    return block;
  } finally {
    await file.close();
  }
}

/** Opened so that neither a link nor a pipe that took the file's place meanwhile leads anywhere. */
async function openEntry(folder: string, { path }: FileEntry): Promise<FileHandle> {
  try {
    const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants;
    return await open(join(folder, path), O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ELOOP" || code === "ENOTDIR" || code === "ENXIO")
      throw changed(folder, path);
    throw cannotPack(folder, `"${path}" cannot be read: ${reasonOf(error)}`, { cause: error });
  }
}

async function readBlock(
  file: FileHandle,
  entry: FileEntry,
  { at, folder }: { at: number; folder: string },
): Promise<Uint8Array> {
  const { path, size } = entry;
  try {
    const length = Math.min(BLOCK_BYTES, size - at);
    const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(length), 0, length, at);
    if (bytesRead === 0) throw changed(folder, path);
    return buffer.subarray(0, bytesRead);
  } catch (error) {
    // A pipe or a folder that took its place cannot be read like this either.
    await demandSame(file, folder, entry);
    if (error instanceof Error && "syscall" in error)
      throw cannotPack(folder, `"${path}" cannot be read: ${reasonOf(error)}`, { cause: error });
    throw error;
  }
}

async function demandSame(file: FileHandle, folder: string, entry: FileEntry): Promise<void> {
  const stat = await file.stat({ bigint: true });
  const isSame = stat.isFile() && Number(stat.size) === entry.size && stat.mtimeNs === entry.mtimeNs;
  if (!isSame) throw changed(folder, entry.path);
}
