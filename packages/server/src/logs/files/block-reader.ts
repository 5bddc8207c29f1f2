import { constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { BerthError } from "@berth/protocol";

/** A trip to the thread pool costs more than copying 64 KiB: who reads fast gets larger blocks, who stalls holds a small one. */
const smallestBlock = 64 * 1024;
const largestBlock = 512 * 1024;
const fastMs = 20;

/** Reads a file forward in blocks. What was handed out stays untouched: every block is memory of its own. */
export class BlockReader implements AsyncDisposable {
  readonly #path: string;
  #file: FileHandle | null = null;
  #block: Buffer = Buffer.alloc(0);
  #blockOffset = 0;
  #blockBytes = smallestBlock;
  #loadedAt = Number.NEGATIVE_INFINITY;

  constructor(path: string) {
    this.#path = path;
  }

  /** Up to `length` bytes at `offset` from what was read already; null when nothing was. */
  peek(offset: number, length: number): Uint8Array | null {
    const from = offset - this.#blockOffset;
    if (from < 0 || from >= this.#block.length) return null;
    return this.#block.subarray(from, from + length);
  }

  /** Reads a block at `offset`; `ahead` is how many bytes there are to be had from there. */
  async load(offset: number, ahead: number): Promise<void> {
    this.#file ??= await openOutput(this.#path);
    const now = performance.now();
    const fast = now - this.#loadedAt < fastMs;
    this.#blockBytes = fast ? Math.min(this.#blockBytes * 2, largestBlock) : smallestBlock;
    this.#loadedAt = now;
    this.#block = await readFully(this.#file, { offset, length: Math.min(ahead, this.#blockBytes) });
    this.#blockOffset = offset;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#file?.close();
  }
}

/** Exactly `length` bytes. What the job has taken back by truncating its file reads as zeros, so that offsets hold. */
export async function readFully(
  file: FileHandle,
  { offset, length }: { offset: number; length: number },
): Promise<Buffer> {
  const bytes = Buffer.allocUnsafe(length);
  let filled = 0;
  while (filled < length) {
    const { bytesRead } = await file.read(bytes, filled, length - filled, offset + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return bytes.fill(0, filled);
}

export async function openOutput(path: string): Promise<FileHandle> {
  try {
    return await open(path, constants.O_RDONLY | constants.O_NOFOLLOW);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    throw new BerthError("JOB_NOT_FOUND", "Cannot read the output: it was deleted", { cause: error });
  }
}
