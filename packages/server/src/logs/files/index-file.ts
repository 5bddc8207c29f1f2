import { closeSync, constants, fstatSync, openSync, readSync, writeSync } from "node:fs";
import {
  decodeRecord,
  encodeRecord,
  endPosition,
  nothing,
  type OutputRecord,
  recordBytes,
  type Stream,
} from "./output-record.ts";

/** The end of an index: how many records it has, and the last of them. */
export interface IndexTail {
  count: number;
  last: OutputRecord | null;
}

const forWriting = constants.O_WRONLY | constants.O_CREAT | constants.O_NOFOLLOW;

/**
 * Reads the end of an index. What a crash of the host left torn at the end is not counted and is written over.
 * Synchronous like all of this file: a call takes a few microseconds, a trip to the thread pool ten times that.
 */
export function loadTail(path: string): IndexTail {
  const fd = openIfThere(path);
  if (fd === null) return { count: 0, last: null };
  try {
    for (let count = Math.floor(fstatSync(fd).size / recordBytes); count > 0; count -= 1) {
      const last = readRecord(fd, count - 1);
      if (last) return { count, last };
    }
    return { count: 0, last: null };
  } finally {
    closeSync(fd);
  }
}

/**
 * Makes the file, if it can be made, before it is needed: a new file takes up to a millisecond, which the first byte of
 * the output would have to wait for. What stands in the way is told by the first write.
 */
export function makeIndex(path: string): void {
  try {
    closeSync(openSync(path, forWriting, 0o600));
  } catch {
    return;
  }
}

/** Writes a record as number `count`, that is behind the last. */
export function appendRecord(path: string, count: number, record: OutputRecord): void {
  write(path, encodeRecord(record), count * recordBytes);
}

/** Moves one end of record number `index`: one write of eight bytes, never seen half. */
export function moveEnd(path: string, index: number, { stream, end }: { stream: Stream; end: number }): void {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleLE(end);
  write(path, bytes, index * recordBytes + endPosition[stream]);
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

function write(path: string, bytes: Buffer, position: number): void {
  const fd = openSync(path, forWriting, 0o600);
  try {
    const written = writeSync(fd, bytes, 0, bytes.length, position);
    if (written < bytes.length) throw Object.assign(new Error("short write"), { code: "ENOSPC" });
  } finally {
    closeSync(fd);
  }
}

function openIfThere(path: string): number | null {
  try {
    return openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
}
