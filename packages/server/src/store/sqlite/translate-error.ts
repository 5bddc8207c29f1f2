import { BerthError } from "@berth/protocol";
import { primaryCode, type SqliteFailure, sqliteCodes, toFailure } from "./sqlite-failure.ts";

/** `what` is the beginning of the sentence: `Cannot open database "/x/berth.db"`. */
export function translateError(error: unknown, what: string): Error {
  if (error instanceof BerthError) return error;
  const failure = toFailure(error);
  const state = stateOf(primaryCode(failure));
  if (state === null) return new Error(`${what}: ${failure.message}`, { cause: error });
  return new BerthError("STORAGE_FAILED", `${what}: ${state.why}`, { fix: state.fix, cause: error });
}

/** An error that came from the writer thread, where its class was lost. */
export function translateFailure(failure: SqliteFailure, what: string): Error {
  return translateError(Object.assign(new Error(failure.message), { errcode: failure.code }), what);
}

function stateOf(code: number | null): { why: string; fix: string } | null {
  switch (code) {
    // The disk or the quota has no room, also for the log that comes before the database.
    case sqliteCodes.full:
      return { why: "the disk is full", fix: "Make room on the server's data disk, then try again" };
    // EIO, EFBIG, a sync that failed, a disk that went away.
    case sqliteCodes.ioError:
      return {
        why: "the disk cannot be read or written",
        fix: "Look at the server's data disk: the kernel's log says what fails",
      };
    // The file system was mounted read-only, or went read-only after a fault.
    case sqliteCodes.readOnly:
      return { why: "the database is read-only", fix: "Mount the server's data disk for writing" };
    // The folder is missing or may not be written.
    case sqliteCodes.perm:
    case sqliteCodes.cannotOpen:
      return {
        why: "the file cannot be opened or made",
        fix: "Let the server's user read and write its data folder",
      };
    case sqliteCodes.corrupt:
      return { why: "the database is damaged", fix: "Restore the server's data folder from a backup" };
    // Another program's file, or garbage.
    case sqliteCodes.notADatabase:
      return {
        why: "the file is not a database",
        fix: "Restore the server's data folder from a backup, or give the server another one",
      };
    // Somebody holds the database open in a transaction, for example in a shell.
    case sqliteCodes.busy:
    case sqliteCodes.locked:
      return {
        why: "another program holds the database",
        fix: "End the other program that has the database open",
      };
    case sqliteCodes.noMemory:
      return { why: "the host has no memory left", fix: "Make room in the host's memory, then try again" };
    default:
      return null;
  }
}
