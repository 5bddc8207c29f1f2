import { basename } from "node:path";
import { getSystemErrorName } from "node:util";
import { initProgram } from "./init-program.ts";

/** A way to have a pid 1. */
export interface InitKind {
  /** The program to put at `/.init` of every job; null when it is one of the host's. */
  program: Buffer | null;
  /** Inside the job, the process that is asked to end: pid 1 passes the signal on, or does not. */
  mainPid: 1 | 2;
  /** Whether descriptor 3 tells that it ran and how the main process ended. */
  reports: boolean;
  /** The arguments of pid 1 for a program at `path` with its own arguments from 0 on. */
  command: (path: string, argv: readonly string[]) => string[];
}

/**
 * A shell as pid 1 says "r" on descriptor 3 once it runs, and names there the signal that ended its child. Only for
 * INT and PIPE it is silent, as every shell is: they are reported as exit codes 130 and 141.
 */
const SHELL_INIT = 'unset PWD; echo r >&3; exec 4>&2 2>&3; (exec "$@" 2>&4 3>&- 4>&-)';
const SHELLS = new Set(["sh", "dash", "bash", "ash"]);

/** `initPath` null: our own, and a shell where there is none for this processor. */
export function initKindOf(initPath: string | null, architecture: string = process.arch): InitKind {
  const program = initPath === null ? initProgram(architecture) : null;
  if (program) {
    return { program, mainPid: 2, reports: true, command: (path, argv) => ["/.init", path, ...argv] };
  }
  const init = initPath ?? "/bin/sh";
  if (SHELLS.has(basename(init))) {
    const command = (_: string, argv: readonly string[]): string[] => [
      init,
      "-c",
      SHELL_INIT,
      "berth",
      ...argv,
    ];
    return { program, mainPid: 2, reports: true, command };
  }
  return { program, mainPid: 1, reports: false, command: (_, argv) => [init, "--", ...argv] };
}

/** What pid 1 left on descriptor 3. */
export interface InitReport {
  ran: boolean;
  /** The signal that ended the main process is the one in the status. */
  signaled: boolean;
  /** Why the program could not be executed; null when it could. */
  failure: string | null;
}

/** `raw` as latin1: what our own init says is a letter and a byte, what a shell says is a line of text. */
export function readInitReport(raw: string): InitReport {
  const ran = raw.startsWith("r\n");
  const said = raw.slice(2);
  if (said.length !== 2) return { ran, signaled: said.trim() !== "", failure: said.trim() || null };
  const code = said.charCodeAt(1);
  if (said.startsWith("s")) return { ran, signaled: true, failure: null };
  const what = said.startsWith("e")
    ? "The program cannot be executed"
    : "No process could be made for the program";
  return { ran, signaled: false, failure: `${what}: ${getSystemErrorName(-code)}` };
}
