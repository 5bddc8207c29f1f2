import { closeSync, constants, openSync, read } from "node:fs";

/**
 * A file that is open for reading while somebody needs it. Opening and closing take a few microseconds and happen in
 * place; reading may have to wait for the disk and happens in the thread pool.
 */
export class HeldFile implements Disposable {
  readonly #path: string;
  #fd: number | null = null;

  constructor(path: string) {
    this.#path = path;
  }

  /** Fills `into` from `position` on as far as the file goes, and says how far that was. Opens the file the first time. */
  async read(into: Buffer, position: number): Promise<number> {
    this.#fd ??= openSync(this.#path, constants.O_RDONLY | constants.O_NOFOLLOW);
    let filled = 0;
    while (filled < into.length) {
      const bytes = await readOnce(this.#fd, into.subarray(filled), position + filled);
      if (bytes === 0) break;
      filled += bytes;
    }
    return filled;
  }

  /** Not while a read is on its way. */
  [Symbol.dispose](): void {
    if (this.#fd !== null) closeSync(this.#fd);
    this.#fd = null;
  }
}

function readOnce(fd: number, into: Buffer, position: number): Promise<number> {
  return new Promise((resolve, reject) => {
    read(fd, into, 0, into.length, position, (error, bytes) => (error ? reject(error) : resolve(bytes)));
  });
}
