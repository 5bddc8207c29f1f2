import { closeSync, constants, openSync, read } from "node:fs";

/** A descriptor, and how many hold it. */
interface OpenFile {
  readonly fd: number;
  holders: number;
}

/** Reading names a position, so any number of readers can share a descriptor: there is one for each file. */
const openFiles = new Map<string, OpenFile>();

/**
 * A file that is open for reading while somebody needs it. Opening and closing take a few microseconds and happen in
 * place; reading may have to wait for the disk and happens in the thread pool.
 */
export class HeldFile implements Disposable {
  readonly #path: string;
  #file: OpenFile | null = null;

  constructor(path: string) {
    this.#path = path;
  }

  /** Fills `into` from `position` on as far as the file goes, and says how far that was. Opens the file the first time. */
  async read(into: Buffer, position: number): Promise<number> {
    const { fd } = this.#open();
    let filled = 0;
    while (filled < into.length) {
      const bytes = await readOnce(fd, into.subarray(filled), position + filled);
      if (bytes === 0) break;
      filled += bytes;
    }
    return filled;
  }

  #open(): OpenFile {
    this.#file ??= take(this.#path);
    return this.#file;
  }

  /** Not while a read is on its way. */
  [Symbol.dispose](): void {
    const file = this.#file;
    if (file === null) return;
    this.#file = null;
    file.holders -= 1;
    if (file.holders > 0) return;
    openFiles.delete(this.#path);
    closeSync(file.fd);
  }
}

function take(path: string): OpenFile {
  const known = openFiles.get(path);
  if (known) {
    known.holders += 1;
    return known;
  }
  const file = { fd: openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW), holders: 1 };
  openFiles.set(path, file);
  return file;
}

function readOnce(fd: number, into: Buffer, position: number): Promise<number> {
  return new Promise((resolve, reject) => {
    read(fd, into, 0, into.length, position, (error, bytes) => (error ? reject(error) : resolve(bytes)));
  });
}
