import { BerthError, type ErrorCode } from "@berth/protocol";
import { codeOf, isConnectionLoss, sqlStates } from "./postgres-failure.ts";

interface State {
  code: ErrorCode;
  why: string;
  fix: string;
}

/** `what` is the beginning of the sentence: `Cannot write to database "postgres://db/berth"`. */
export function translateError(error: unknown, what: string): Error {
  if (error instanceof BerthError) return error;
  const state = stateOf(error);
  if (state !== null) {
    return new BerthError(state.code, `${what}: ${state.why}`, { fix: state.fix, cause: error });
  }
  return new Error(`${what}: ${messageOf(error)}`, { cause: error });
}

function messageOf(error: unknown): string {
  // What failed at each address of a host that has several.
  const first: unknown = error instanceof AggregateError ? error.errors[0] : error;
  return first instanceof Error ? first.message : String(first);
}

const unavailable = "DATABASE_UNAVAILABLE";
const room = "Make room on the disk of the database's server, then try again";

const states: Readonly<Record<string, State>> = {
  // Also what a server says that was told to go down, or is coming up.
  [sqlStates.adminShutdown]: { code: unavailable, why: "it is going down", fix: "Start the database" },
  [sqlStates.startingUp]: {
    code: unavailable,
    why: "it is starting up or going down",
    fix: "Wait until it has started",
  },
  [sqlStates.tooManyConnections]: {
    code: unavailable,
    why: "it takes no more connections",
    fix: "Raise max_connections of the database, or end connections of others",
  },
  [sqlStates.wrongPassword]: {
    code: unavailable,
    why: "it refuses the user or the password",
    fix: "Correct the user and the password in BERTH_DATABASE",
  },
  [sqlStates.notAllowedIn]: {
    code: unavailable,
    why: "it does not let this user in",
    fix: "Let the user of BERTH_DATABASE in, in the database's pg_hba.conf",
  },
  [sqlStates.noSuchDatabase]: {
    code: unavailable,
    why: "there is no such database",
    fix: "Make it: CREATE DATABASE, as an administrator of PostgreSQL",
  },
  [sqlStates.noPrivilege]: {
    code: unavailable,
    why: "the user of BERTH_DATABASE lacks a privilege",
    fix: "Make that user the database's owner",
  },
  // A standby, or the old primary after a failover; or default_transaction_read_only.
  [sqlStates.readOnly]: {
    code: "STORAGE_FAILED",
    why: "it is read-only",
    fix: "Let BERTH_DATABASE lead to the server that takes writes",
  },
  [sqlStates.diskFull]: { code: "STORAGE_FAILED", why: "the disk of its server is full", fix: room },
  [sqlStates.outOfMemory]: {
    code: "STORAGE_FAILED",
    why: "its server has no memory left",
    fix: "Give the database's server more memory",
  },
  [sqlStates.ioError]: {
    code: "STORAGE_FAILED",
    why: "the disk of its server cannot be read or written",
    fix: "Look at the disk of the database's server: its log says what fails",
  },
  [sqlStates.corrupt]: damaged(),
  [sqlStates.corruptIndex]: damaged(),
};

function damaged(): State {
  return { code: "STORAGE_FAILED", why: "it is damaged", fix: "Restore the database from a backup" };
}

function stateOf(error: unknown): State | null {
  const known = states[codeOf(error) ?? ""];
  if (known !== undefined) return known;
  if (!isConnectionLoss(error)) return null;
  return {
    code: unavailable,
    why: `it cannot be reached (${codeOf(error) ?? messageOf(error)})`,
    fix: "Start the database, or see to it that this host reaches it",
  };
}
