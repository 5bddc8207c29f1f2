import type { Job, JobHandle, OutputChunk } from "@berth/sdk";

/** What has output to read. */
export type Readable = Pick<JobHandle, "output" | "raw"> & {
  get(): Promise<Pick<Job, "usage">>;
};

export type Stream = "all" | "stdout" | "stderr";

const FIRST_WINDOW = 64 * 2 ** 10;
const LF = 10;

/** A part of the output that is held, and where to go on reading after it. */
export interface Tail {
  chunks: OutputChunk[];
  next: number;
}

/**
 * The last lines of what there is now. It is read from the end, in windows that grow until they hold enough lines, so
 * that the size of the output does not matter. Offsets count in all of the output, whichever stream is wanted.
 */
export async function lastLines(
  handle: Readable,
  { lines, stream, from = 0 }: { lines: number; stream: Stream; from?: number },
): Promise<Tail> {
  const size = (await handle.get()).usage.outputBytes;
  for (let window = FIRST_WINDOW; ; window *= 8) {
    const start = Math.max(from, size - window, 0);
    const { chunks, next } = await readTo(handle, { start, stream });
    const cut = cutToLines(chunks, lines);
    if (cut !== null || start <= from) return { chunks: cut ?? chunks, next };
  }
}

async function readTo(handle: Readable, { start, stream }: { start: number; stream: Stream }): Promise<Tail> {
  const chunks: OutputChunk[] = [];
  let next = start;
  for await (const chunk of handle.output({ offset: start, follow: false })) {
    next = chunk.offset + chunk.data.length;
    if (stream === "all" || chunk.stream === stream) chunks.push(chunk);
  }
  return { chunks, next };
}

/** The end of these chunks, from the beginning of the line that is so many from the last; null when they hold fewer. */
function cutToLines(chunks: readonly OutputChunk[], lines: number): OutputChunk[] | null {
  if (lines === 0) return [];
  let seen = 0;
  for (let at = chunks.length - 1; at >= 0; at -= 1) {
    const chunk = chunks[at];
    if (chunk === undefined) break;
    const { data } = chunk;
    // The line feed at the very end ends the last line; it begins none.
    let before = at === chunks.length - 1 && data.at(-1) === LF ? data.length - 1 : data.length;
    for (;;) {
      const found = before === 0 ? -1 : data.lastIndexOf(LF, before - 1);
      if (found === -1) break;
      seen += 1;
      if (seen === lines) {
        const rest = { ...chunk, offset: chunk.offset + found + 1, data: data.subarray(found + 1) };
        return [rest, ...chunks.slice(at + 1)].filter((one) => one.data.length > 0);
      }
      before = found;
    }
  }
  return null;
}

/**
 * Where in all of the output that begins which came at this time or later: looked for by halves, as output came in order.
 */
export async function offsetSince(handle: Readable, since: number): Promise<number> {
  let low = 0;
  let high = (await handle.get()).usage.outputBytes;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const chunk = await chunkAt(handle, middle);
    if (chunk === null || Date.parse(chunk.at) >= since) high = middle;
    else low = chunk.offset + chunk.data.length;
  }
  return low;
}

async function chunkAt(handle: Readable, offset: number): Promise<OutputChunk | null> {
  for await (const chunk of handle.output({ offset, follow: false })) return chunk;
  return null;
}
