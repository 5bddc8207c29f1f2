import { BerthError } from "@berth/protocol";
import { HeldFile } from "./held-file.ts";

/** A trip to the thread pool costs more than copying 64 KiB: who reads fast gets larger blocks, who stalls holds a small one. */
const smallestBlock = 64 * 1024;
const largestBlock = 512 * 1024;
const fastMs = 20;
/** More than the kernel takes for a client that never reads: until then nobody is known to be fast. */
const provenBytes = 8 * 2 ** 20;

/** Bytes that stay as they are until `release` is called. */
export interface HeldBytes {
  data: Uint8Array;
  release: () => void;
}

interface Block {
  readonly memory: Buffer;
  filled: number;
  /** Pieces of it that were not released. */
  held: number;
}

const noBlock = (): Block => ({ memory: Buffer.alloc(0), filled: 0, held: 0 });

/** Reads a file forward in blocks. A block whose bytes were all released is read into again, any other is left alone. */
export class BlockReader implements Disposable {
  readonly #file: HeldFile;
  #block = noBlock();
  #before = noBlock();
  #blockOffset = 0;
  #blockBytes = smallestBlock;
  #loadedAt = Number.NEGATIVE_INFINITY;
  #loadedBytes = 0;

  constructor(path: string) {
    this.#file = new HeldFile(path);
  }

  /** Up to `length` bytes at `offset` from what was read already; null when nothing was. */
  take(offset: number, length: number): HeldBytes | null {
    const block = this.#block;
    const from = offset - this.#blockOffset;
    if (from < 0 || from >= block.filled) return null;
    const data = block.memory.subarray(from, Math.min(from + length, block.filled));
    block.held += 1;
    let held = 1;
    const release = (): void => {
      block.held -= held;
      held = 0;
    };
    return { data, release };
  }

  /** Reads a block at `offset`; `ahead` is how many bytes there are to be had from there. */
  async load(offset: number, ahead: number): Promise<void> {
    const now = performance.now();
    const fast = this.#loadedBytes >= provenBytes && now - this.#loadedAt < fastMs;
    this.#blockBytes = fast ? Math.min(this.#blockBytes * 2, largestBlock) : smallestBlock;
    this.#loadedAt = now;
    const length = Math.min(ahead, this.#blockBytes);
    this.#loadedBytes += length;
    const block = this.#free(length);
    this.#before = block === this.#block ? this.#before : this.#block;
    this.#block = block;
    block.filled = 0;
    await readOutput(this.#file, { offset, into: block.memory.subarray(0, length) });
    block.filled = length;
    this.#blockOffset = offset;
  }

  /** A block of which nobody holds anything: by the time the next one is read the last but one is. */
  #free(length: number): Block {
    const free = [this.#block, this.#before].find(
      ({ held, memory }) => held === 0 && memory.length >= length,
    );
    return free ?? { memory: Buffer.allocUnsafe(length), filled: 0, held: 0 };
  }

  [Symbol.dispose](): void {
    this.#file[Symbol.dispose]();
  }
}

/** Fills `into`. What a crash of the host took out of the file reads as zeros, so that offsets hold. */
export async function readOutput(
  file: HeldFile,
  { offset, into }: { offset: number; into: Buffer },
): Promise<void> {
  try {
    const filled = await file.read(into, offset);
    into.fill(0, filled);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    throw new BerthError("JOB_NOT_FOUND", "Cannot read the output: it was deleted", { cause: error });
  }
}
