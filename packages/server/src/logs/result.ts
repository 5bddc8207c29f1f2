import { isUtf8 } from "node:buffer";
import { parseStrictJson, type StrictJson } from "../lib/strict-json.ts";
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
  const found = onLoop("result: search the output", () =>
    findDocument(tail, { cut: stdoutBytes > tail.length }),
  );
  return found === null ? none : await parseResult(found, "The result on stdout");
}

/**
 * The bytes between the first two marker lines; null without two. When the beginning is `cut` off and the markers are
 * odd in number, the first of them closes a document whose beginning is not there.
 */
export function findDocument(output: Uint8Array, { cut }: { cut: boolean }): Uint8Array | null {
  const lines = markerLines(Buffer.from(output.buffer, output.byteOffset, output.byteLength), cut);
  const [opening, closing] = cut && lines.length % 2 === 1 ? lines.slice(1) : lines;
  return opening && closing ? output.subarray(opening.end, closing.start) : null;
}

interface Line {
  start: number;
  end: number;
}

/** Every line that is the marker and nothing else; a carriage return before its end does not count. */
function markerLines(output: Buffer, cut: boolean): Line[] {
  const lines: Line[] = [];
  for (let start = output.indexOf(marker); start !== -1; start = output.indexOf(marker, start + 1)) {
    const begins = start === 0 ? !cut : output[start - 1] === 0x0a;
    const after = start + marker.length;
    const end = output[after] === 0x0d ? after + 1 : after;
    if (begins && (end === output.length || output[end] === 0x0a)) lines.push({ start, end: end + 1 });
  }
  return lines;
}
