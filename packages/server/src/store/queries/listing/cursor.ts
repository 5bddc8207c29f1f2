import { BerthError } from "@berth/protocol";
import { crc32 } from "node:zlib";

/** Where a page ended: the order of lists is creation time, then id, both newest first. */
export interface Position {
  createdAt: number;
  id: string;
}

/** Opaque to clients. The checksum tells garbage and typing errors; it holds nothing secret. */
export function encodeCursor({ createdAt, id }: Position): string {
  const text = `${createdAt} ${id}`;
  return Buffer.from(`${checksum(text)} ${text}`).toString("base64url");
}

export function decodeCursor(cursor: string): Position {
  const text = Buffer.from(cursor, "base64url").toString();
  const [sum = "", createdAt = "", ...id] = text.split(" ");
  const position = { createdAt: Number(createdAt), id: id.join(" ") };
  // Encoding it again refuses every other spelling of the same bytes: base64 decoders skip what they do not know.
  if (sum === "" || !Number.isSafeInteger(position.createdAt) || encodeCursor(position) !== cursor) {
    throw new BerthError("CURSOR_INVALID", "Cannot list jobs: the cursor is not one of this server");
  }
  return position;
}

function checksum(text: string): string {
  return crc32(`berth cursor 1 ${text}`).toString(36);
}
