import { statfsSync } from "node:fs";
import { EngineError } from "../../engine.ts";

export interface Places {
  /** The folder in memory of what steers jobs. */
  run: string;
  /** The jobs' own folders, on the data disk. */
  work: string;
}

/** What went wrong below us, as an EngineError; the original stays its cause. `what` continues "Cannot". */
export function translateError(error: unknown, what: string, places: Places): EngineError {
  if (error instanceof EngineError) return error;
  const { code, message } = error as NodeJS.ErrnoException;
  const fail = (why: string, retryable: boolean): EngineError =>
    new EngineError(`Cannot ${what}: ${why}`, { blame: "engine", retryable, cause: error });
  switch (code) {
    // The data disk or its quota is full: room may be made while the job waits.
    case "ENOSPC":
    case "EDQUOT":
      return fail(whatIsFull(error as NodeJS.ErrnoException, places), true);
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

/** A write that fails names no file: then it is the place without room. */
function whatIsFull({ path = "" }: NodeJS.ErrnoException, { run, work }: Places): string {
  if (path.startsWith("/sys/fs/cgroup/")) return "the host can make no more control groups";
  const isInMemory = path === "" ? !hasRoom(run) && hasRoom(work) : path.startsWith(`${run}/`);
  return isInMemory ? `the host's folder in memory, ${run}, is full` : "the server's data disk is full";
}

/** More than the largest of the engine's own files in memory takes: a job's arguments and environment. */
const ROOM_BYTES = 8 * 2 ** 20;

function hasRoom(folder: string): boolean {
  try {
    const { bavail, bsize, files, ffree } = statfsSync(folder);
    return bavail * bsize > ROOM_BYTES && (files === 0 || ffree > 0);
  } catch {
    return false;
  }
}
