/** PostgreSQL's codes that decide what is done next. https://www.postgresql.org/docs/15/errcodes-appendix.html */
export const sqlStates = {
  serializationFailure: "40001",
  deadlock: "40P01",
  readOnly: "25006",
  inFailedTransaction: "25P02",
  wrongPassword: "28P01",
  notAllowedIn: "28000",
  noSuchDatabase: "3D000",
  noPrivilege: "42501",
  diskFull: "53100",
  outOfMemory: "53200",
  tooManyConnections: "53300",
  adminShutdown: "57P01",
  crashShutdown: "57P02",
  startingUp: "57P03",
  ioError: "58030",
  corrupt: "XX001",
  corruptIndex: "XX002",
} as const;

/** The code of PostgreSQL, or of the system where the server was not reached; null for anything else. */
export function codeOf(error: unknown): string | null {
  const code = error instanceof Error && "code" in error ? error.code : null;
  return typeof code === "string" ? code : null;
}

const gone: readonly string[] = [
  sqlStates.adminShutdown,
  sqlStates.crashShutdown,
  sqlStates.startingUp,
  sqlStates.tooManyConnections,
];
const systemCode = /^E[A-Z_]+$/;
/** What `pg` says itself, without a code. */
const lostByDriver =
  /^(Connection terminated|Client (has|was)|timeout exp|timeout exceeded|Query read timeout)/;

/** Whether the connection is of no more use, or there was none: the same may succeed on another one later. */
export function isConnectionLoss(error: unknown): boolean {
  const code = codeOf(error);
  if (code === null) return error instanceof Error && lostByDriver.test(error.message);
  return code.startsWith("08") || gone.includes(code) || systemCode.test(code);
}

/** Whether the same transaction may succeed at once: nothing of it was stored. */
export function isConflict(error: unknown): boolean {
  const code = codeOf(error);
  return code === sqlStates.serializationFailure || code === sqlStates.deadlock;
}

/** After these no write can succeed whichever it is: the whole batch has failed. */
export function concernsDatabase(error: unknown): boolean {
  const code = codeOf(error);
  if (code === null || isConnectionLoss(error) || isConflict(error)) return true;
  return code === sqlStates.readOnly || /^(53|57|58|XX)/.test(code);
}
