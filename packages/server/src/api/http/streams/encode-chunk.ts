import type { OutputChunk } from "@berth/protocol";

/** A piece of output as the log store hands it out; `at` is epoch ms. */
interface Piece {
  stream: OutputChunk["stream"];
  offset: number;
  at: number;
  data: Uint8Array;
}

const END = '"}';

/**
 * An `OutputChunk` as JSON on one line, in ASCII. Base64 needs no escaping, so it is put in after the rest was made:
 * looking through it for what to escape would cost as much as all else.
 */
export function encodeChunk({ stream, offset, at, data }: Piece): string {
  const empty: OutputChunk = { stream, offset, at: new Date(at).toISOString(), data: "" };
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  return JSON.stringify(empty).slice(0, -END.length) + bytes.toString("base64") + END;
}
