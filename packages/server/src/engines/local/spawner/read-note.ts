import { closeSync, fstatSync, openSync, readSync } from "node:fs";

export interface NoteRequest {
  /** Bytes that are read, whatever the size of the file. */
  most: number;
  from: "start" | "end";
}

/**
 * Reads a part of fixed size of a file that a process near a job has written: nobody can make it cost more by writing
 * more. null when it is not there.
 */
export function readNote(path: string, { most, from }: NoteRequest): Buffer | null {
  let fd: number;
  try {
    fd = openSync(path, "r");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
  try {
    const start = from === "start" ? 0 : Math.max(fstatSync(fd).size - most, 0);
    const buffer = Buffer.alloc(most);
    return buffer.subarray(0, readSync(fd, buffer, 0, most, start));
  } finally {
    closeSync(fd);
  }
}
