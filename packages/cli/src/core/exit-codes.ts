import { errorCatalog, isBerthError } from "@berth/protocol/errors";
import { constants } from "node:os";
import { outcomeCodes } from "@berth/protocol/outcome";
import { BrokenPipe } from "./output.ts";
import { Interrupted } from "./interrupts.ts";
import { UsageError } from "./usage-error.ts";

/** What the exit status of `berth` says. What `berth run` says of a job that ended comes from the contract: outcome.ts. */
export const exitCodes = {
  ok: { code: 0, about: "Done; for `run` and `wait`: the job succeeded, nothing else is 0" },
  failed: { code: 1, about: "`doctor`: something is missing; `apply --exit-code`: something changes" },
  usage: { code: 118, about: "The command line or the job's spec is wrong" },
  denied: { code: 119, about: "The token is missing, unknown or not allowed to do this" },
  notFound: { code: 120, about: "There is no such job, artifact or result" },
  refused: {
    code: 121,
    about: "Refused as things stand: job's state, full queue, used key, no authority",
  },
  unreachable: { code: 122, about: "Nobody answers at the server's URL" },
  endedByBerth: {
    code: outcomeCodes.endedByBerth,
    about: "The job was stopped or passed a limit, and its program ended with 0 or never began",
  },
  timeout: {
    code: outcomeCodes.timeout,
    about: "A timeout of the job was reached, however its program ended then",
  },
  error: {
    code: outcomeCodes.berthFailed,
    about: "Anything else went wrong in Berth or on its host; the job is lost",
  },
  cannotExecute: { code: outcomeCodes.cannotExecute, about: "The job's program cannot be executed" },
  programNotFound: { code: outcomeCodes.programNotFound, about: "The job's program is not there" },
} as const satisfies Record<string, { code: number; about: string }>;

const FIRST_SIGNAL = 128;

/** 128 and the signal's number, as shells do it. */
export function exitCodeOfSignal(name: NodeJS.Signals): number {
  return FIRST_SIGNAL + constants.signals[name];
}

export function exitCodeOfError(error: unknown): number {
  if (error instanceof UsageError) return exitCodes.usage.code;
  if (error instanceof Interrupted) return exitCodeOfSignal(error.signal);
  if (error instanceof BrokenPipe) return exitCodeOfSignal("SIGPIPE");
  if (!isBerthError(error)) return exitCodes.error.code;
  if (error.code === "SERVER_UNREACHABLE") return exitCodes.unreachable.code;
  if (error.code === "SETTINGS_INVALID" || error.code === "FOLDER_INVALID") return exitCodes.usage.code;
  if (error.code === "FOLDER_CHANGED") return exitCodes.refused.code;
  return exitCodeOfStatus(errorCatalog[error.code].status);
}

function exitCodeOfStatus(status: number): number {
  if (status === 401 || status === 403) return exitCodes.denied.code;
  if (status === 404) return exitCodes.notFound.code;
  if (status === 409 || status === 429) return exitCodes.refused.code;
  return status >= 400 && status < 500 ? exitCodes.usage.code : exitCodes.error.code;
}
