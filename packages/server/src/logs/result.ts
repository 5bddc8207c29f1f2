import { isUtf8 } from "node:buffer";
import { setImmediate as nextTurn } from "node:timers/promises";
import { parseStrictJson, type StrictJson } from "../lib/text/strict-json.ts";
import { onLoop } from "../lib/on-loop.ts";
import type { LogStore } from "./log-store.ts";

/** Most bytes of a result, in a file or on stdout. */
export const maxResultBytes = 2 ** 20;

/** How much of the end of stdout is searched for a result. */
const searchedBytes = 2 * 2 ** 20;
const marker = "^JSON";
/** Two marker lines and one digit between them. */
const smallestResultBytes = 2 * (marker.length + 1) + 1;

/** What was found of a result. */
export interface FoundResult {
  /** JSON on one line, every digit as the job wrote it; null when it left none, or `null`. */
  resultJson: string | null;
  /** A sentence on one that is not taken. */
  problem: string | null;
}

const none: FoundResult = { resultJson: null, problem: null };

/** The bytes of a result file, or of what stood between the markers; `what` begins the sentence on what is wrong. */
export async function parseResult(bytes: Uint8Array, what: string): Promise<FoundResult> {
  const parsed = await parseBytes(bytes);
  if (!parsed.ok) return { resultJson: null, problem: `${what} is not taken: ${parsed.reason}` };
  return { resultJson: parsed.value === null ? null : parsed.text, problem: null };
}

async function parseBytes(bytes: Uint8Array): Promise<StrictJson> {
  if (bytes.length > maxResultBytes)
    return { ok: false, reason: `It is larger than ${maxResultBytes} bytes` };
  if (!isUtf8(bytes)) return { ok: false, reason: "It is not UTF-8" };
  return parseStrictJson(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8"));
}

/**
 * The document between the first two lines `^JSON` in the last 2 MiB of stdout. No result and no problem: there is none.
 * A line is a whole line, so that a program that talks about markers leaves no result by accident.
 */
export async function resultInOutput(
  logs: Pick<LogStore, "tail">,
  { jobId, stdoutBytes }: { jobId: string; stdoutBytes: number },
): Promise<FoundResult> {
  if (stdoutBytes < smallestResultBytes) return none;
  const tail = await logs.tail(jobId, "stdout", searchedBytes);
  const found = await findDocument(tail, { cut: stdoutBytes > tail.length });
  return found === null ? none : await parseResult(found, "The result on stdout");
}

/**
 * The bytes between the first two marker lines; null without two. When the beginning is `cut` off and the markers are
 * odd in number, the first of them closes a document whose beginning is not there.
 */
export async function findDocument(
  output: Uint8Array,
  { cut }: { cut: boolean },
): Promise<Uint8Array | null> {
  const { count, first } = await markerLines(
    Buffer.from(output.buffer, output.byteOffset, output.byteLength),
    cut,
  );
  const [opening, closing] = cut && count % 2 === 1 ? first.slice(1) : first;
  return opening && closing ? output.subarray(opening.end, closing.start) : null;
}

interface Line {
  start: number;
  end: number;
}

/** Markers after which others have their turn: an output can be made of them. */
const MARKERS_AT_ONCE = 20_000;

/** How many lines are the marker and nothing else, and the first three; a carriage return before the end does not count. */
async function markerLines(output: Buffer, cut: boolean): Promise<{ count: number; first: Line[] }> {
  const first: Line[] = [];
  let count = 0;
  const searchFrom = (from: number): number => {
    let start = output.indexOf(marker, from);
    for (let seen = 0; start !== -1 && seen < MARKERS_AT_ONCE; seen += 1) {
      const line = lineAt(output, start, cut);
      if (line !== null) count += 1;
      if (line !== null && first.length < 3) first.push(line);
      start = output.indexOf(marker, start + 1);
    }
    return start;
  };
  for (let at = 0; at !== -1; ) {
    at = onLoop("result: search the output", () => searchFrom(at));
    if (at !== -1) await nextTurn();
  }
  return { count, first };
}

/** The line that begins with the marker at `start`; null when more stands on it. */
function lineAt(output: Buffer, start: number, cut: boolean): Line | null {
  const begins = start === 0 ? !cut : output[start - 1] === 0x0a;
  const after = start + marker.length;
  const end = output[after] === 0x0d ? after + 1 : after;
  return begins && (end === output.length || output[end] === 0x0a) ? { start, end: end + 1 } : null;
}
