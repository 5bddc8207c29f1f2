/** What is left of an SQLite error when it crosses from the writer thread. Holds no values of statements. */
export interface SqliteFailure {
  message: string;
  /** SQLite's extended result code; null when the error is not SQLite's. */
  code: number | null;
}

/** Primary result codes (the low byte). https://www.sqlite.org/rescode.html */
export const sqliteCodes = {
  perm: 3,
  busy: 5,
  locked: 6,
  noMemory: 7,
  readOnly: 8,
  ioError: 10,
  corrupt: 11,
  full: 13,
  cannotOpen: 14,
  constraint: 19,
  notADatabase: 26,
} as const;

export function toFailure(error: unknown): SqliteFailure {
  const message = error instanceof Error ? error.message : String(error);
  const code = error instanceof Error && "errcode" in error ? error.errcode : null;
  return { message, code: typeof code === "number" ? code : null };
}

export function primaryCode(failure: SqliteFailure): number | null {
  return failure.code === null ? null : failure.code & 0xff;
}
