import type { OutputEnd } from "../../engine.ts";
import type { Used } from "../groups/job-groups.ts";

/** At which step the kernel refused what was to be executed. */
export type FailedPart =
  | "program"
  | "interpreter"
  | "format"
  | "arguments"
  | "folder"
  | "process"
  | "message";

/** How the main process ended, as it was seen by who waited for it. */
export type MainEnd =
  | { kind: "exited"; code: number }
  | { kind: "signaled"; signal: number; core: boolean }
  | { kind: "failed"; part: FailedPart; errno: number }
  /** Pid 1 has got the job, or may have, and nobody can say more. */
  | { kind: "unknown"; why: string };

/** What pid 1 and the shim of a job have written of its end. */
export interface EndRecord {
  end: MainEnd;
  /** Epoch ms. */
  endedAt: number;
  output: OutputEnd;
  /** The error number by which output could not be stored from some byte on; 0 when all was. */
  unkeptErrno: number;
  /** What the tree has used; null where the shim left that to be looked up, as it does when memory ran out. */
  used: Used | null;
}

/** Room that is held for it from the start. */
export const RECORD_BYTES = 256;

/** Where the parts begin, and what lies at which place in each: native/README.md has the whole. */
const SHIM = 128;
const USAGE = 192;
const at = {
  kind: 1,
  code: 2,
  flags: 3,
  errno: 4,
  part: 8,
  outputErrno: 12,
  endedUs: 32,
  dropped: [48, 56],
  shimKind: SHIM + 1,
  shimFlags: SHIM + 2,
  shimStatus: SHIM + 4,
  shimErrno: SHIM + 8,
  shimStep: SHIM + 12,
  shimEndedUs: SHIM + 16,
  shimDropped: [SHIM + 32, SHIM + 40],
} as const;
const CORE = 1;
/** Of pid 1: all output is stored and counted. */
const COMPLETE = 2;
const OVER = { stdout: 4, stderr: 8 } as const;
const SANDBOX_ENDED = 1;

const PARTS: readonly FailedPart[] = [
  "program",
  "interpreter",
  "format",
  "arguments",
  "folder",
  "process",
  "message",
];

/** Whether the shim has come to its end, after which nothing is written any more. */
export function isComplete(note: Buffer): boolean {
  return note.length === RECORD_BYTES && note.readUInt8(SHIM) === 0x31;
}

/** To be asked once pid 1 has told the end, or the shim is gone. null when nobody saw the end: the shim was killed before it came. */
export function decodeEnd(note: Buffer): EndRecord | null {
  if (note.length !== RECORD_BYTES) return null;
  const end = endByInit(note) ?? (isComplete(note) ? endByShim(note) : null);
  if (end === null) return null;
  const endedUs = Number(note.readBigUInt64LE(at.endedUs)) || Number(note.readBigUInt64LE(at.shimEndedUs));
  return {
    end,
    endedAt: Math.floor(endedUs / 1000),
    output: outputEnd(note),
    unkeptErrno: unkeptErrno(note),
    used: usedIn(note),
  };
}

function endByInit(note: Buffer): MainEnd | null {
  const code = note.readUInt8(at.code);
  switch (note.readUInt8(at.kind)) {
    case 1:
      return { kind: "exited", code };
    case 2:
      return { kind: "signaled", signal: code, core: (note.readUInt8(at.flags) & CORE) !== 0 };
    case 3:
      return failure(note);
    default:
      return null;
  }
}

function failure(note: Buffer): MainEnd {
  const part = PARTS[note.readUInt32LE(at.part) - 1] ?? "message";
  return { kind: "failed", part, errno: note.readUInt32LE(at.errno) };
}

/** Pid 1 said nothing: what ended it ended the whole tree. */
function endByShim(note: Buffer): MainEnd {
  const status = note.readInt32LE(at.shimStatus);
  const signal = status & 0x7f;
  const kind = note.readUInt8(at.shimKind);
  if (kind === SANDBOX_ENDED && status !== -1 && signal !== 0)
    return { kind: "signaled", signal, core: false };
  const said = `kind ${kind}, status ${status}, step ${note.readUInt32LE(at.shimStep)}`;
  return {
    kind: "unknown",
    why: `process 1 of the job ended and said nothing (${said}, error ${note.readUInt32LE(at.shimErrno)})`,
  };
}

/** The shim notes an index that it could not write there too: the server writes that itself, and nothing is lost. */
function unkeptErrno(note: Buffer): number {
  const byInit = note.readUInt32LE(at.outputErrno);
  if (byInit !== 0 || note.readUInt8(at.shimKind) !== SANDBOX_ENDED) return byInit;
  const isOver = (note.readUInt8(at.shimFlags) & (OVER.stdout | OVER.stderr)) !== 0;
  const droppedByShim = at.shimDropped.some((place) => note.readBigUInt64LE(place) > 0n);
  return droppedByShim && !isOver ? note.readUInt32LE(at.shimErrno) : 0;
}

function outputEnd(note: Buffer): OutputEnd {
  const flags = note.readUInt8(at.flags) | note.readUInt8(at.shimFlags);
  const overLimit = (flags & OVER.stdout) !== 0 ? "stdout" : (flags & OVER.stderr) !== 0 ? "stderr" : null;
  const dropped = (stream: 0 | 1): number =>
    Number(note.readBigUInt64LE(at.dropped[stream])) + Number(note.readBigUInt64LE(at.shimDropped[stream]));
  // Only the shim knows of what it dropped itself; where pid 1 came to its end there was nothing left to drop.
  const isCounted = isComplete(note) || (note.readUInt8(at.flags) & COMPLETE) !== 0;
  return { overLimit, dropped: isCounted ? { stdout: dropped(0), stderr: dropped(1) } : null };
}

function usedIn(note: Buffer): Used | null {
  if (note.readUInt8(USAGE) !== 0x31) return null;
  const [cpuUs = null, pidsPeak = null, pidsMax = null, pidsRefused = null, peakMemoryBytes = null] = [
    8, 16, 24, 32, 40,
  ].map((place) => numberAt(note, USAGE + place));
  return cpuUs === null ? null : { cpuUs, pidsPeak, pidsMax, pidsRefused, peakMemoryBytes };
}

/** All ones: the kernel does not say. */
function numberAt(note: Buffer, place: number): number | null {
  const value = note.readBigUInt64LE(place);
  return value === 0xffff_ffff_ffff_ffffn ? null : Number(value);
}
