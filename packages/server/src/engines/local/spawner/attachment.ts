import { closeSync, constants, openSync, readSync } from "node:fs";
import { Socket } from "node:net";

/**
 * Our end of a shim's `alive` FIFO. The shim holds the other end for as long as it lives, so end of file means that it
 * is gone, whoever started it and whatever became of its process id. No helper, no polling: a read end that never had
 * a writer stays quiet.
 */
export class Attachment {
  readonly #socket: Socket;
  readonly #ready = Promise.withResolvers<boolean>();
  readonly #standing = Promise.withResolvers<boolean>();
  readonly #handedOver = Promise.withResolvers<boolean>();
  readonly #ended = Promise.withResolvers<void>();
  readonly #gone = Promise.withResolvers<void>();
  #isGone = false;
  #isEnded = false;
  #hasLeftGroups = false;
  #isStanding = false;

  private constructor(fd: number, heard = "") {
    this.#socket = new Socket({ fd, readable: true, writable: false });
    this.#hear(heard);
    this.#socket.on("data", (chunk: Buffer) => this.#hear(chunk.toString("latin1")));
    this.#socket.on("error", () => this.#end());
    this.#socket.on("end", () => this.#end());
  }

  /** To be called before the shim is asked for. */
  static open(path: string): Attachment {
    return new Attachment(openSync(path, constants.O_RDONLY | constants.O_NONBLOCK));
  }

  /** Attaches to a shim that may have been there before; null when it is gone. */
  static reopen(path: string): Attachment | null {
    let fd: number;
    try {
      fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
      throw error;
    }
    const heard = soFar(fd);
    if (heard !== null) return new Attachment(fd, heard);
    closeSync(fd);
    return null;
  }

  /** True when the shim is in its place and waits, false when it ended before. */
  get ready(): Promise<boolean> {
    return this.#ready.promise;
  }

  /** True when the sandbox that was asked for stands and waits for a job, false when the shim ended before. */
  get standing(): Promise<boolean> {
    return this.#standing.promise;
  }

  /** Whether the sandbox stands, as far as was heard. */
  get isStanding(): boolean {
    return this.#isStanding;
  }

  /** True when the job was handed to pid 1, false when the shim ended before. */
  get handedOver(): Promise<boolean> {
    return this.#handedOver.promise;
  }

  /** Pid 1 has told how its job ended, of which nothing is left but pid 1 itself; or the shim is gone. */
  get ended(): Promise<void> {
    return this.#ended.promise;
  }

  /** Pid 1 has told that. */
  get isEnded(): boolean {
    return this.#isEnded;
  }

  /** The shim has taken the control groups of its place away. */
  get hasLeftGroups(): boolean {
    return this.#hasLeftGroups;
  }

  /** The shim is gone. */
  get gone(): Promise<void> {
    return this.#gone.promise;
  }

  get isGone(): boolean {
    return this.#isGone;
  }

  /** For a shim that nobody will start: whoever waits for it hears that it is gone. */
  abandon(): void {
    this.#end();
  }

  /** Stops listening; nothing that is still awaited will come. */
  close(): void {
    this.#socket.destroy();
  }

  #hear(text: string): void {
    if (text.includes("w")) this.#ready.resolve(true);
    if (text.includes("r")) {
      this.#isStanding = true;
      this.#standing.resolve(true);
    }
    if (text.includes("s")) this.#handedOver.resolve(true);
    if (text.includes("e")) {
      this.#isEnded = true;
      this.#ended.resolve();
    }
    if (text.includes("g")) this.#hasLeftGroups = true;
  }

  #end(): void {
    this.#isGone = true;
    this.#ready.resolve(false);
    this.#standing.resolve(false);
    this.#handedOver.resolve(false);
    this.#ended.resolve();
    this.#gone.resolve();
    this.#socket.destroy();
  }
}

/** What nobody has read yet; null when the other end is closed. */
function soFar(fd: number): string | null {
  const buffer = Buffer.alloc(64);
  let heard = "";
  try {
    for (;;) {
      const length = readSync(fd, buffer);
      if (length === 0) return null;
      heard += buffer.toString("latin1", 0, length);
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EAGAIN") return heard;
    throw error;
  }
}
