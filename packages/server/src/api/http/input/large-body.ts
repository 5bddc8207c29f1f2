import { extname } from "node:path";
import { SpecReader } from "../../../operations/jobs/submit/spec-reader.ts";

/** From here on a body is read elsewhere; so is a shorter one with many parts, each of which has to be looked at. */
const LARGE_BYTES = 64 * 1024;
const MANY_PARTS = 2000;

const COMMA = 0x2c;

/** Whether to parse and to check a body would hold up everybody else. */
export function isLarge(pieces: readonly Buffer[]): boolean {
  let bytes = 0;
  for (const { length } of pieces) bytes += length;
  if (bytes > LARGE_BYTES) return true;
  let parts = 0;
  for (const piece of pieces) {
    for (let at = piece.indexOf(COMMA); at >= 0; at = piece.indexOf(COMMA, at + 1)) {
      parts += 1;
      if (parts > MANY_PARTS) return true;
    }
  }
  return false;
}

/** Most bodies come in one piece. */
export function wholeOf(pieces: readonly Buffer[]): Buffer {
  const [first] = pieces;
  return first !== undefined && pieces.length === 1 ? first : Buffer.concat(pieces);
}

export function bodyReader(): SpecReader<null> {
  const threadFile = new URL(`./body-thread${extname(import.meta.url)}`, import.meta.url);
  return new SpecReader({ name: "berth-body-reader", threadFile });
}
