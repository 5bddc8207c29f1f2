import { closeFile, demandSame, type Listed, openListed, readPart } from "./read-file.ts";
import { inBlocks } from "./tar-header.ts";

/** Read at once. */
const SLICE_BYTES = 2 ** 20;

/** A file that is read slice by slice, of which some may be under way at once. */
export class LargeFile {
  readonly #file: Listed;
  /** Those that are open now. */
  readonly #open: Set<LargeFile>;
  #descriptor: Promise<number> | null = null;
  readonly #reads: Promise<void>[] = [];

  constructor(file: Listed, open: Set<LargeFile>) {
    this.#file = file;
    this.#open = open;
  }

  /** To be read in this order: from this byte on to the end of its last block. It is closed with the last of them. */
  *slices(from: number): Generator<() => Promise<Uint8Array>, void> {
    const { size } = this.#file.entry;
    for (let at = from; at < size; at += SLICE_BYTES) yield () => this.#slice(at);
    if (from >= size) yield () => Promise.resolve(Buffer.alloc(inBlocks(size) - from));
  }

  async close(): Promise<void> {
    this.#open.delete(this);
    const descriptor = this.#descriptor;
    this.#descriptor = null;
    if (descriptor === null) return;
    await Promise.allSettled(this.#reads);
    await descriptor.then(closeFile, () => undefined);
  }

  async #slice(from: number): Promise<Uint8Array> {
    const { size } = this.#file.entry;
    const end = Math.min(from + SLICE_BYTES, size);
    const isLast = end === size;
    const block = Buffer.allocUnsafe((isLast ? inBlocks(size) : end) - from);
    block.fill(0, end - from);
    const reading = this.#read(block.subarray(0, end - from), from);
    this.#reads.push(reading);
    await reading;
    if (!isLast) return block;
    await Promise.all(this.#reads);
    if (this.#descriptor !== null) await demandSame(await this.#descriptor, this.#file);
    await this.close();
    return block;
  }

  async #read(into: Uint8Array, from: number): Promise<void> {
    this.#open.add(this);
    this.#descriptor ??= openListed(this.#file);
    await readPart(await this.#descriptor, this.#file, { into, from });
  }
}
