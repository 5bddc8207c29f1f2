import { closeSync, constants, openSync, read } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";

/** Somebody holds a lease on the file: it is being taken from them, at the latest after the kernel's patience. */
const leaseStepMs = 50;

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
    const { fd } = await this.#open();
    let filled = 0;
    while (filled < into.length) {
      const bytes = await readOnce(fd, into.subarray(filled), position + filled);
      if (bytes === 0) break;
      filled += bytes;
    }
    return filled;
  }

  async #open(): Promise<OpenFile> {
    while (this.#file === null) {
      this.#file = take(this.#path);
      if (this.#file === null) await delay(leaseStepMs);
    }
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

/** null while the file cannot be opened at once. */
function take(path: string): OpenFile | null {
  const known = openFiles.get(path);
  if (known) {
    known.holders += 1;
    return known;
  }
  const fd = openAtOnce(path);
  if (fd === null) return null;
  const file = { fd, holders: 1 };
  openFiles.set(path, file);
  return file;
}

/**
 * null while somebody holds a lease on the file. Without O_NONBLOCK the kernel waits for its owner, which is a job, for up
 * to 45 s, and everything else in this process waits with it. To a read of a plain file the flag means nothing.
 */
function openAtOnce(path: string): number | null {
  try {
    return openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EAGAIN") return null;
    throw error;
  }
}

function readOnce(fd: number, into: Buffer, position: number): Promise<number> {
  return new Promise((resolve, reject) => {
    read(fd, into, 0, into.length, position, (error, bytes) => (error ? reject(error) : resolve(bytes)));
  });
}
