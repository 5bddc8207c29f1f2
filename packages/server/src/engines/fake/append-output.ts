import { constants, existsSync } from "node:fs";
import { appendFile, open, stat, type FileHandle } from "node:fs/promises";
import { join } from "node:path";
import type { ByteSource } from "./script.ts";

const pieceBytes = 64 * 1024;

export interface AppendRequest {
  bytes: ByteSource;
  /** Where these bytes begin in the file. */
  from: number;
  /** Nothing is written past this length of the file; null: no cap. */
  cap: number | null;
  stdinPath: string;
  workPath: string;
  /** The tree over which that folder lies; null for none. */
  lowerPath: string | null;
  isCanceled: () => boolean;
  /** Puts a piece at the end of the file; default: by itself. */
  append?: (piece: Uint8Array) => Promise<void>;
}

/**
 * Brings a file up to the end of these bytes. What is there already is not written again: after a crash in the
 * middle the same call completes the file without a repetition.
 */
export async function appendOutput(path: string, request: AppendRequest): Promise<void> {
  const { append = (piece) => appendFile(path, piece) } = request;
  const size = await sizeOf(path);
  const end = Math.min(request.from + request.bytes.size, request.cap ?? Number.POSITIVE_INFINITY);
  await using source = await openSource(request);
  for (let at = Math.max(size, request.from); at < end && !request.isCanceled(); ) {
    const piece = await source.read(at - request.from, Math.min(pieceBytes, end - at));
    if (piece.byteLength === 0) break;
    await append(piece);
    at += piece.byteLength;
  }
}

async function sizeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size;
  } catch {
    return 0;
  }
}

interface OpenSource extends AsyncDisposable {
  read(from: number, length: number): Promise<Uint8Array>;
}

async function openSource({ bytes, stdinPath, workPath, lowerPath }: AppendRequest): Promise<OpenSource> {
  if (bytes.kind === "stdin") return fileSource(await open(stdinPath, "r"));
  if (bytes.kind === "file") {
    const own = join(workPath, bytes.path);
    const path = lowerPath === null || existsSync(own) ? own : join(lowerPath, bytes.path);
    return fileSource(await open(path, constants.O_RDONLY | constants.O_NOFOLLOW));
  }
  const read = async (from: number, length: number): Promise<Uint8Array> =>
    bytes.kind === "data" ? bytes.data.subarray(from, from + length) : patternBytes(from, length);
  return { read, [Symbol.asyncDispose]: async () => {} };
}

function fileSource(file: FileHandle): OpenSource {
  return {
    async read(from, length) {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, from);
      return buffer.subarray(0, bytesRead);
    },
    [Symbol.asyncDispose]: () => file.close(),
  };
}

/** The bytes 0, 1, ... 255, 0, ... from any offset on. */
function patternBytes(from: number, length: number): Uint8Array {
  const bytes = Buffer.allocUnsafe(length);
  for (let n = 0; n < length; n++) bytes[n] = (from + n) & 0xff;
  return bytes;
}
