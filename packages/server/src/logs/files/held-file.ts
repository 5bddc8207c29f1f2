import { closeSync, constants, openSync, read } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";

/** Somebody holds a lease on the file: it is being taken from them, at the latest after the kernel's patience. */
const leaseStepMs = 50;

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
    const fd = await this.#open();
    let filled = 0;
    while (filled < into.length) {
      const bytes = await readOnce(fd, into.subarray(filled), position + filled);
      if (bytes === 0) break;
      filled += bytes;
    }
    return filled;
  }

  async #open(): Promise<number> {
    while (this.#fd === null) {
      this.#fd = openAtOnce(this.#path);
      if (this.#fd === null) await delay(leaseStepMs);
    }
    return this.#fd;
  }

  /** Not while a read is on its way. */
  [Symbol.dispose](): void {
    if (this.#fd !== null) closeSync(this.#fd);
    this.#fd = null;
  }
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
