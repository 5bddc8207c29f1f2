import { constants } from "node:os";
import { getSystemErrorMessage, getSystemErrorName } from "node:util";
import type { EndVerdict } from "../../../core/job/end.ts";
import type { EngineUsage, Exit } from "../../engine.ts";
import type { Measured } from "../disk/disk-watch.ts";
import type { MemoryEvents } from "../groups/job-groups.ts";
import type { EndRecord, FailedPart, MainEnd } from "./end-record.ts";

/** Everything that was seen of a job's end. */
export interface Seen {
  /** What its shim wrote; null where that was killed before it could. */
  record: EndRecord | null;
  usage: EngineUsage;
  memory: MemoryEvents | null;
  /** Most that the job's folder may hold, and what was in it when that was too much. */
  diskBytes: number | null;
  diskUsed: Measured | null;
  /** Files and folders that it may have; null for any number. */
  mostFiles: number | null;
  /** It was ended as somebody else had changed what holds its network. */
  hasLostNetwork: boolean;
  /** What the engine itself sent to the job, newest last. */
  sent: readonly NodeJS.Signals[];
  /** False: processes of it are left, for which its shim still waits. */
  isGone: boolean;
}

/** How a job ended, from what was seen: no file is read here. */
export function judgeExit(seen: Seen): Exit {
  const { record, usage, sent } = seen;
  const verdict = verdictOf(seen);
  const isLost = verdict?.kind === "lost";
  const end = isLost ? { code: null, signal: null } : codeAndSignal(record?.end ?? null, sent);
  const output = record?.output ?? { overLimit: null, dropped: null };
  const exit = { ...end, endedAt: record?.endedAt ?? null, usage, output, verdict };
  return record === null || record.unkeptErrno === 0 ? exit : withoutOutput(exit, record.unkeptErrno);
}

/** A job of whose output a part could not be kept has not succeeded; one that failed has failed by itself. */
function withoutOutput(exit: Exit, errno: number): Exit {
  const hostProblem = `No more of the output could be kept: ${reasonOf(errno)}`;
  if (exit.verdict !== null || exit.code !== 0) return { ...exit, hostProblem };
  return { ...exit, verdict: { kind: "engine_failed", reason: hostProblem } };
}

function reasonOf(errno: number): string {
  return `${getSystemErrorMessage(-errno)} (${getSystemErrorName(-errno)})`;
}

function verdictOf(seen: Seen): EndVerdict | null {
  const { record, memory } = seen;
  if (memory && memory.kills > 0) return { kind: "oom", ...memory };
  const { diskBytes, diskUsed } = seen;
  if (diskBytes !== null && diskUsed !== null) return diskVerdict(seen, { diskBytes, diskUsed });
  if (diskBytes !== null && mayBeFileTooLarge(record))
    return { kind: "file_too_large", limitBytes: diskBytes };
  if (seen.hasLostNetwork && wasEnded(record)) return lostNetwork;
  if (record === null && !seen.isGone && seen.sent.includes("SIGKILL")) return null;
  if (record === null) return { kind: "lost", reason: "the process that watched over it was killed" };
  if (record.end.kind === "unknown") return { kind: "lost", reason: record.end.why };
  return record.end.kind === "failed" ? notBegun(record.end) : null;
}

/** False for one that had ended by itself, or had not begun, when KILL came. */
function wasEnded(record: EndRecord | null): boolean {
  return record === null || record.end.kind === "signaled" || record.end.kind === "unknown";
}

const lostNetwork: EndVerdict = {
  kind: "engine_failed",
  reason:
    "somebody else has changed the tables of this host that hold what jobs reach, and the operator's setting `network.foreignChanges: stop-jobs` ends the jobs that have a network then",
};

function notBegun({ part, errno }: Extract<MainEnd, { kind: "failed" }>): EndVerdict {
  const why = reasonOf(errno);
  if (part === "message")
    return { kind: "engine_failed", reason: `process 1 could not read its message: ${why}` };
  return { kind: "command_failed", reason: `${FAILURES[part]}: ${why}`, found: !isMissing({ part, errno }) };
}

/** What could not be done, by the step at which the kernel refused. */
const FAILURES: Readonly<Record<Exclude<FailedPart, "message">, string>> = {
  folder: "The working directory does not exist in the job, or cannot be entered",
  arguments: "The arguments and variables are more than the kernel hands to a program",
  process: "No process could be made for the program",
  program: "The program cannot be executed",
  interpreter: "The interpreter that the program names in its first line cannot be executed",
  format: "The program is not one that this processor can execute",
};

/** Whether what is lacking is the program itself. */
function isMissing({ part, errno }: { part: FailedPart; errno: number }): boolean {
  return part === "program" && ["ENOENT", "ENOTDIR"].includes(getSystemErrorName(-errno));
}

function diskVerdict(
  { mostFiles }: Pick<Seen, "mostFiles">,
  { diskBytes, diskUsed }: { diskBytes: number; diskUsed: Measured },
): EndVerdict {
  const { bytes, removedBytes, files } = diskUsed;
  if (bytes < diskBytes && mostFiles !== null) return { kind: "too_many_files", files, mostFiles };
  return { kind: "disk_limit", limitBytes: diskBytes, usedBytes: bytes, removedBytes };
}

/** True for the signal of a file too large, and for the code that a shell makes of it, which a program may choose too. */
export function mayBeFileTooLarge(record: Pick<EndRecord, "end"> | null): boolean {
  const end = record?.end;
  if (end?.kind === "exited") return end.code === 128 + constants.signals.SIGXFSZ;
  return end?.kind === "signaled" && end.signal === constants.signals.SIGXFSZ;
}

function codeAndSignal(
  end: MainEnd | null,
  sent: readonly NodeJS.Signals[],
): { code: number | null; signal: string | null } {
  switch (end?.kind) {
    case undefined:
    case "unknown":
      return { code: null, signal: sent.at(-1) ?? null };
    case "exited":
      return { code: end.code, signal: null };
    case "signaled":
      return { code: null, signal: nameOf(end.signal) };
    case "failed":
      // As shells have it: 127 is not found, 126 is found and not executed.
      return { code: isMissing(end) ? 127 : 126, signal: null };
    default:
      return end satisfies never;
  }
}

/** Of two names of one signal the first is the usual one: SIGABRT, not SIGIOT. */
const SIGNALS = new Map(
  Object.entries(constants.signals)
    .toReversed()
    .map(([name, number]) => [number, name as NodeJS.Signals]),
);

function nameOf(number: number): string {
  // The C library keeps these two for itself, and gives them no name.
  if (number === 32 || number === 33) return `SIG${number}`;
  if (number >= 34 && number <= 64) return `SIGRTMIN+${number - 34}`;
  return SIGNALS.get(number) ?? `SIG${number}`;
}
