import { closeSync, constants, fstatSync, openSync, readSync, writeSync } from "node:fs";
import type { IndexTail } from "../../core/output/index-writer.ts";
import {
  decodeRecord,
  encodeRecord,
  nothing,
  type OutputRecord,
  recordBytes,
} from "../../core/output/output-record.ts";

/** The end of an index, and when it was written last: epoch ms, 0 when it is not there. */
export interface LoadedTail extends IndexTail {
  changedAt: number;
}

const forWriting = constants.O_WRONLY | constants.O_CREAT | constants.O_NOFOLLOW;

/**
 * Reads the end of an index. What a crash of the host left torn at the end is not counted and is written over.
 * Synchronous like all of this file: a call takes a few microseconds, a trip to the thread pool ten times that.
 */
export function loadTail(path: string): LoadedTail {
  const fd = openIfThere(path);
  if (fd === null) return { count: 0, last: null, changedAt: 0 };
  try {
    const { size, mtimeMs: changedAt } = fstatSync(fd);
    for (let count = Math.floor(size / recordBytes); count > 0; count -= 1) {
      const last = readRecord(fd, count - 1);
      if (last) return { count, last, changedAt };
    }
    return { count: 0, last: null, changedAt };
  } finally {
    closeSync(fd);
  }
}

/** Writes a record as number `count`, that is behind the last. */
export function appendRecord(path: string, count: number, record: OutputRecord): void {
  const fd = openSync(path, forWriting, 0o600);
  try {
    const written = writeSync(fd, encodeRecord(record), 0, recordBytes, count * recordBytes);
    if (written < recordBytes) throw Object.assign(new Error("short write"), { code: "ENOSPC" });
  } finally {
    closeSync(fd);
  }
}

function readRecord(fd: number, index: number): OutputRecord | null {
  const before = Math.max(index - 1, 0);
  const bytes = Buffer.alloc((index - before + 1) * recordBytes);
  const got = readSync(fd, bytes, 0, bytes.length, before * recordBytes);
  if (got < bytes.length) return null;
  if (index === 0) return decodeRecord(bytes, 0, nothing);
  const previous = decodeRecord(bytes, 0, nothing);
  return previous && decodeRecord(bytes, recordBytes, previous.end);
}

function openIfThere(path: string): number | null {
  try {
    return openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
}
