import { getSystemErrorMessage, getSystemErrorName } from "node:util";
import { printable } from "../../../lib/printable.ts";

/** More than any pid 1 has to say. */
export const REPORT_BYTES = 512;

/** What pid 1 left on descriptor 3. */
export interface InitReport {
  ran: boolean;
  /** The signal that ended the main process; `unnamed`: it is the one in the status. */
  signal: number | "unnamed" | null;
  /** Why there could be no program, in words of ours; null when there was one. */
  failure: string | null;
  /** With a failure that the kernel named: whether the program is there. */
  found?: boolean;
  /** What it said beside, or instead of that, to be shown as evidence only; null when nothing. */
  said: string | null;
}

const silentInit: InitReport = { ran: false, signal: null, failure: null, said: null };

const NO_PROCESS = "No process could be made for the program";
const quoted = (text: string): string | null => printable(text.trim(), { most: 200 }) || null;

/** Our own says a line, then nothing or two bytes, a letter and a number. Whatever else is there is not from it. */
export function reportOfOurs(note: Buffer): InitReport {
  const { ran, rest } = splitNote(note);
  const report: InitReport = { ...silentInit, ran };
  if (rest.length === 0) return report;
  const [letter, number = 0] = rest;
  if (!ran || rest.length !== 2) return { ...report, said: quoted(note.toString("latin1")) };
  switch (letter) {
    case 0x73:
      return { ...report, signal: number };
    case 0x65:
      return {
        ...report,
        failure: `The program cannot be executed: ${inWords(number)}`,
        found: !isMissing(number),
      };
    case 0x66:
      return { ...report, failure: `${NO_PROCESS}: ${inWords(number)}`, found: true };
    default:
      return { ...report, said: quoted(rest.toString("latin1")) };
  }
}

function inWords(number: number): string {
  return `${getSystemErrorMessage(-number)} (${getSystemErrorName(-number)})`;
}

function isMissing(number: number): boolean {
  return ["ENOENT", "ENOTDIR"].includes(getSystemErrorName(-number));
}

/** A shell says a line, then in words of its own what ended its child, or that it could not make one. */
export function reportOfShell(note: Buffer): InitReport {
  const { ran, rest } = splitNote(note);
  const said = quoted(rest.toString("latin1"));
  if (!ran || said === null) return { ...silentInit, ran, said };
  return { ran, signal: "unnamed", failure: NO_PROCESS, said };
}

function splitNote(note: Buffer): { ran: boolean; rest: Buffer } {
  const ran = note.subarray(0, 2).toString("latin1") === "r\n";
  return { ran, rest: note.subarray(ran ? 2 : 0) };
}
