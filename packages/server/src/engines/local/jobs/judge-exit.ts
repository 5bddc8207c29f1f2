import { constants } from "node:os";
import type { EndVerdict } from "../../../core/end.ts";
import type { EngineUsage, Exit } from "../../engine.ts";
import type { InitReport } from "../bundle/init-report.ts";
import { printable } from "../../../lib/printable.ts";
import type { Measured } from "../work/disk-watch.ts";
import type { MemoryEvents } from "../groups/job-groups.ts";

/** Everything that was seen of a job's end. */
export interface Seen {
  status: number | null;
  /** Whether processes of the job were still there when the runtime was gone. */
  outlived: boolean;
  endedAt: number | null;
  usage: EngineUsage;
  outputDropped: number | null;
  memory: MemoryEvents | null;
  /** null for an init that does not report. */
  init: InitReport | null;
  runtimeLog: string;
  /** Most that the job's folder may hold, and what was in it when that was too much. */
  diskBytes: number | null;
  diskUsed: Measured | null;
  /** Files and folders that it may have; null for any number. */
  mostFiles: number | null;
  /** What the engine itself sent to the job, newest last. */
  sent: readonly NodeJS.Signals[];
}

/** How a job ended, from what was seen: no file is read here. */
export function judgeExit(seen: Seen): Exit {
  const verdict = verdictOf(seen);
  const end = verdict?.kind === "lost" ? { code: null, signal: null } : endOf(seen, verdict);
  const { endedAt, usage, outputDropped } = seen;
  return { ...end, endedAt, usage, outputDropped, verdict };
}

function verdictOf(seen: Seen): EndVerdict | null {
  const { status, memory, init, runtimeLog, sent } = seen;
  if (memory && memory.kills > 0) return { kind: "oom", ...memory };
  const { diskBytes, diskUsed } = seen;
  if (diskBytes !== null && diskUsed !== null) return diskVerdict(seen, { diskBytes, diskUsed });
  if (diskBytes !== null && mayBeFileTooLarge(seen)) return { kind: "file_too_large", limitBytes: diskBytes };
  if (sent.length > 0 && status !== null) return null;
  if (status === null) return { kind: "lost", reason: "the process that watched over it was killed" };
  if (seen.outlived && signalOf(status) === "SIGKILL") {
    return { kind: "lost", reason: "the runtime that held it was killed" };
  }
  const neverRan = init ? !init.ran : runtimeLog !== "" && status !== 0;
  if (neverRan && saysNoFolder(runtimeLog))
    return { kind: "command_failed", ...noFolder, said: lastLine(runtimeLog) };
  if (neverRan) return { kind: "engine_failed", ...runtimeReason(runtimeLog, status) };
  // What a shell says of a signal comes with a status above 128, and is no failure.
  if (!init || init.failure === null || tellsSignal(seen)) return null;
  const { failure: reason, said, found } = init;
  return {
    kind: "command_failed",
    reason,
    ...(said !== null && { said }),
    ...(found !== undefined && { found }),
  };
}

function diskVerdict(
  { mostFiles }: Pick<Seen, "mostFiles">,
  { diskBytes, diskUsed }: { diskBytes: number; diskUsed: Measured },
): EndVerdict {
  const { bytes, removedBytes, files } = diskUsed;
  if (bytes < diskBytes && mostFiles !== null) return { kind: "too_many_files", files, mostFiles };
  return { kind: "disk_limit", limitBytes: diskBytes, usedBytes: bytes, removedBytes };
}

/** Whether pid 1 says that a signal ended the main process, and its own status agrees. */
function tellsSignal({ init, status }: Pick<Seen, "init" | "status">): boolean {
  if (!init || status === null || signalOf(status) === null) return false;
  return init.signal === "unnamed" || init.signal === status - 128;
}

/** True for the signal of a file too large, and for the code that a shell makes of it, which a program may choose too. */
export function mayBeFileTooLarge({ status }: Pick<Seen, "status">): boolean {
  return status !== null && signalOf(status) === "SIGXFSZ";
}

const noFolder = { reason: "The working directory does not exist in the job, or cannot be entered" };

/** crun and runc, of a folder that the job named; /work itself is the engine's to make. */
function saysNoFolder(log: string): boolean {
  return /^chdir (?:to cwd \("|`)\/(?!work["`])/.test(log.split("\n").at(-1) ?? "");
}

/** What the runtime said may hold what the job asked for, as its folder or its program: shown as evidence only. */
function runtimeReason(log: string, status: number): { reason: string; said?: string } {
  const said = lastLine(log);
  if (said !== "") return { reason: "the runtime could not make it", said };
  return {
    reason: status > 128 ? "the runtime was killed" : `the runtime ended with ${status} and said nothing`,
  };
}

function lastLine(log: string): string {
  return printable(log.split("\n").at(-1) ?? "", { most: 500 });
}

/** As shells say it: 127 for a program that is not there, which is also what pid 1 ends with. */
const CANNOT_EXECUTE = 126;

function endOf(seen: Seen, verdict: EndVerdict | null): Pick<Exit, "code" | "signal"> {
  const isThere = verdict?.kind === "command_failed" && verdict.found === true;
  return isThere ? { code: CANNOT_EXECUTE, signal: null } : codeAndSignal(seen);
}

function codeAndSignal(seen: Seen): Pick<Exit, "code" | "signal"> {
  const { status, init, memory, sent } = seen;
  if (status === null) return { code: null, signal: sent.at(-1) ?? null };
  const signal = signalOf(status);
  if (signal === null) return { code: status, signal: null };
  if (tellsSignal(seen)) return { code: null, signal };
  // With the whole tree pid 1 was killed too, and nobody was left to name the signal; so it is with silent inits.
  const unnamed = signal === "SIGKILL" || init === null;
  const known = sent.includes(signal) || (signal === "SIGKILL" && memory !== null && memory.kills > 0);
  return unnamed && known ? { code: null, signal } : { code: status, signal: null };
}

/** Of two names of one signal the first is the usual one: SIGABRT, not SIGIOT. */
const SIGNALS = new Map(
  Object.entries(constants.signals)
    .toReversed()
    .map(([name, number]) => [number, name as NodeJS.Signals]),
);

/** The signal that a status of 128 and more may stand for. */
function signalOf(status: number): NodeJS.Signals | null {
  const number = status - 128;
  // The C library keeps these two for itself, and gives them no name.
  if (number === 32 || number === 33) return `SIG${number}` as NodeJS.Signals;
  if (number >= 34 && number <= 64) return `SIGRTMIN+${number - 34}` as NodeJS.Signals;
  return SIGNALS.get(number) ?? null;
}
