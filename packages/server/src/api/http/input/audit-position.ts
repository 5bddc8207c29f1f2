import { BerthError } from "@berth/protocol";

interface Position {
  chain: string;
  seq: number;
}

/** Where a verification goes on. Opaque to clients. */
export function encodePosition({ chain, seq }: Position): string {
  return Buffer.from(`${seq} ${chain}`).toString("base64url");
}

/** Throws CURSOR_INVALID. */
export function decodePosition(cursor: string): Position {
  const [seq = "", ...chain] = Buffer.from(cursor, "base64url").toString().split(" ");
  const position = { chain: chain.join(" "), seq: Number(seq) };
  if (Number.isSafeInteger(position.seq) && encodePosition(position) === cursor) return position;
  throw new BerthError("CURSOR_INVALID", "Cannot verify: the cursor is not one of this server");
}
