import { EngineError } from "../engine.ts";

/** What went wrong below us, as an EngineError; the original stays its cause. `what` continues "Cannot". */
export function translateError(error: unknown, what: string): EngineError {
  if (error instanceof EngineError) return error;
  const { code, message } = error as NodeJS.ErrnoException;
  const fail = (why: string, retryable: boolean): EngineError =>
    new EngineError(`Cannot ${what}: ${why}`, { blame: "engine", retryable, cause: error });
  switch (code) {
    // The data disk or its quota is full: room may be made while the job waits.
    case "ENOSPC":
    case "EDQUOT":
      return fail("the server's data disk is full", true);
    case "EROFS":
      return fail("the server's data folder is read-only", false);
    case "EIO":
      return fail("the server's data disk cannot be read or written", false);
    // Too many open files, processes or groups, now.
    case "EMFILE":
    case "ENFILE":
    case "EAGAIN":
    case "ENOMEM":
      return fail("the host is out of resources", true);
    default:
      return fail(message, false);
  }
}
