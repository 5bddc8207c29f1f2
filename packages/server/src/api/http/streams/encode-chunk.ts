import type { OutputChunk } from "@berth/protocol";

/** A piece of output as the log store hands it out; `at` is epoch ms. */
interface Chunk {
  stream: OutputChunk["stream"];
  offset: number;
  at: number;
  data: Uint8Array;
  release?: () => void;
}

const END = '"}';

/**
 * An `OutputChunk` as JSON on one line, in ASCII. Base64 needs no escaping, so it is put in after the rest was made:
 * looking through it for what to escape would cost as much as all else. Gives the chunk's memory back.
 */
export function encodeChunk({ stream, offset, at, data, release }: Chunk): string {
  const empty: OutputChunk = { stream, offset, at: new Date(at).toISOString(), data: "" };
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  const base64 = bytes.toString("base64");
  release?.();
  return JSON.stringify(empty).slice(0, -END.length) + base64 + END;
}
