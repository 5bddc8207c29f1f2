import { basename } from "node:path";

const SHELLS = new Set(["sh", "dash", "bash", "ash"]);

/**
 * Pid 1 of a job, when it is a shell. It says "r" on descriptor 3 once it runs, and what it reports itself goes there
 * too: a shell names the signal that ended its child, which the status alone (128 and more) does not tell from an
 * exit code. It reaps whatever is left to it, and ends with the job's main process; then the kernel ends the rest.
 */
const SHELL_INIT = 'echo r >&3; exec 4>&2 2>&3; (exec "$@" 2>&4 3>&- 4>&-)';

export interface InitKind {
  /** Inside the job, the process that is asked to end: pid 1 passes the signal on, or does not. */
  mainPid: 1 | 2;
  /** Whether descriptor 3 tells that it ran and which signal ended the main process. */
  reports: boolean;
}

export function initKindOf(initPath: string): InitKind {
  return SHELLS.has(basename(initPath)) ? { mainPid: 2, reports: true } : { mainPid: 1, reports: false };
}

export function initCommand(initPath: string, command: readonly string[]): string[] {
  return initKindOf(initPath).reports
    ? [initPath, "-c", SHELL_INIT, "berth", ...command]
    : [initPath, "--", ...command];
}

/** What pid 1 left on descriptor 3. */
export interface InitReport {
  ran: boolean;
  /** Empty, the name of a signal, or why it could not go on. */
  text: string;
}

export function readInitReport(text: string): InitReport {
  return { ran: text.startsWith("r\n"), text: text.slice(2).trim() };
}
