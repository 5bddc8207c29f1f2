import { joined } from "./read-body.ts";
import { unreachable, unreadable } from "./translate-error.ts";

/** Longest line of a stream: a chunk of output is at most some hundred kB as base64. */
export const longestLine = 4 * 2 ** 20;

const LF = 10;
const CR = 13;

/**
 * Cuts bytes into lines, wherever the pieces were cut, LF or CR LF. A last line without an end is a cut connection:
 * it throws SERVER_UNREACHABLE, so that the reader asks for it again.
 */
export async function* readLines(
  bytes: AsyncIterable<Uint8Array>,
  options: { url: string; maxBytes?: number },
): AsyncGenerator<string, void> {
  const { url, maxBytes = longestLine } = options;
  const decoder = new TextDecoder();
  let pending: Uint8Array[] = [];
  let size = 0;
  for await (const piece of bytes) {
    let start = 0;
    for (let end = piece.indexOf(LF); end !== -1; end = piece.indexOf(LF, start)) {
      pending.push(piece.subarray(start, end));
      size += end - start;
      if (size > maxBytes) throw tooLong(url, maxBytes);
      const line = joined(pending, size);
      yield decoder.decode(line.at(-1) === CR ? line.subarray(0, -1) : line);
      pending = [];
      size = 0;
      start = end + 1;
    }
    if (start === piece.length) continue;
    pending.push(piece.subarray(start));
    size += piece.length - start;
    if (size > maxBytes) throw tooLong(url, maxBytes);
  }
  if (size > 0) throw unreachable(url, Object.assign(new Error("half a line"), { code: "ECONNRESET" }));
}

function tooLong(url: string, maxBytes: number): Error {
  return unreadable(url, `a line is longer than ${maxBytes} bytes`);
}
