/** Shorter ones are copied: each chunk of a body holds on to all that came with it from the socket, 64 KiB. */
const SMALL_BYTES = 16 * 2 ** 10;
const COPY_BYTES = 64 * 2 ** 10;

/** Chunks that wait to be written: they hold no more than a few times their bytes, however small they are. */
export class GatheredBlocks {
  #blocks: Uint8Array[] = [];
  #bytes = 0;
  #copy: Buffer | null = null;
  #copied = 0;

  get bytes(): number {
    return this.#bytes;
  }

  add(chunk: Uint8Array): void {
    this.#bytes += chunk.length;
    if (chunk.length < SMALL_BYTES) this.#addCopy(chunk);
    else {
      this.#endCopy();
      this.#blocks.push(chunk);
    }
  }

  /** All of them, which are not here any more. */
  take(): readonly Uint8Array[] {
    this.#endCopy();
    const blocks = this.#blocks;
    this.#blocks = [];
    this.#bytes = 0;
    return blocks;
  }

  #addCopy(chunk: Uint8Array): void {
    if (this.#copy !== null && this.#copied + chunk.length > this.#copy.length) {
      this.#endCopy();
      this.#copy = null;
    }
    this.#copy ??= Buffer.allocUnsafeSlow(COPY_BYTES);
    this.#copy.set(chunk, this.#copied);
    this.#copied += chunk.length;
  }

  /** What is left of a copy's room takes the next small ones. */
  #endCopy(): void {
    if (this.#copy === null || this.#copied === 0) return;
    this.#blocks.push(this.#copy.subarray(0, this.#copied));
    const rest = this.#copy.subarray(this.#copied);
    this.#copy = rest.length > 0 ? rest : null;
    this.#copied = 0;
  }
}
