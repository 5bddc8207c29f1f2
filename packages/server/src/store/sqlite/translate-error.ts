import { BerthError } from "@berth/protocol";
import { primaryCode, type SqliteFailure, sqliteCodes, toFailure } from "./sqlite-failure.ts";

/** `what` is the beginning of the sentence: `Cannot open database "/x/berth.db"`. */
export function translateError(error: unknown, what: string): Error {
  if (error instanceof BerthError) return error;
  const failure = toFailure(error);
  const state = stateOf(primaryCode(failure));
  if (state === null) return new Error(`${what}: ${failure.message}`, { cause: error });
  return new BerthError("STORAGE_FAILED", `${what}: ${state}`, { cause: error });
}

/** An error that came from the writer thread, where its class was lost. */
export function translateFailure(failure: SqliteFailure, what: string): Error {
  return translateError(Object.assign(new Error(failure.message), { errcode: failure.code }), what);
}

function stateOf(code: number | null): string | null {
  switch (code) {
    // The disk or the quota has no room, also for the log that comes before the database.
    case sqliteCodes.full:
      return "the disk is full";
    // EIO, EFBIG, a sync that failed, a disk that went away.
    case sqliteCodes.ioError:
      return "the disk cannot be read or written";
    // The file system was mounted read-only, or went read-only after a fault.
    case sqliteCodes.readOnly:
      return "the database is read-only";
    // The folder is missing or may not be written.
    case sqliteCodes.perm:
    case sqliteCodes.cannotOpen:
      return "the file cannot be opened or made";
    case sqliteCodes.corrupt:
      return "the database is damaged";
    // Another program's file, or garbage.
    case sqliteCodes.notADatabase:
      return "the file is not a database";
    // Somebody holds the database open in a transaction, for example in a shell.
    case sqliteCodes.busy:
    case sqliteCodes.locked:
      return "another program holds the database";
    case sqliteCodes.noMemory:
      return "the host has no memory left";
    default:
      return null;
  }
}
