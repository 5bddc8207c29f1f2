import type { Readable } from "node:stream";
import { BerthError, formatSize } from "@berth/protocol";

/** Memory for bytes to come: no less at a time, and no more. */
const LEAST_BYTES = 4096;
const MOST_BYTES = 2 ** 20;

/**
 * Puts together what comes in pieces: a client may send each byte by itself, and a buffer for each of them would take a
 * hundred times its size.
 */
export class Pieces {
  readonly #full: Buffer[] = [];
  #open = Buffer.alloc(0);
  #used = 0;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** `expected` is how many bytes will come in all, where that is known. */
  add(chunk: Uint8Array, expected: number | null): void {
    for (let at = 0; at < chunk.length; ) {
      if (this.#used === this.#open.length) this.#makeRoom(chunk.length - at, expected);
      const part = chunk.subarray(at, at + this.#open.length - this.#used);
      this.#open.set(part, this.#used);
      this.#used += part.length;
      this.#length += part.length;
      at += part.length;
    }
  }

  all(): Buffer[] {
    return [...this.#full, this.#open.subarray(0, this.#used)];
  }

  #makeRoom(wanted: number, expected: number | null): void {
    if (this.#used > 0) this.#full.push(this.#open);
    // As much again as there is, so that there are few of them, but nothing for what was only announced.
    const more = Math.min(Math.max(wanted, this.#length, LEAST_BYTES), MOST_BYTES);
    const left = expected === null || expected <= this.#length ? more : expected - this.#length;
    this.#open = Buffer.allocUnsafe(Math.min(more, left));
    this.#used = 0;
  }
}

/** As much of a body is taken in one turn: of forty that come at once, all that is there would take half a second. */
const BYTES_A_TURN = 128 * 1024;

export interface Collecting {
  limit: number;
  /** How long it says that it is. */
  expected: number | null;
  /** Waits until it may go on. */
  turn: () => Promise<void>;
}

/** Reads a body to its end. Throws BODY_TOO_LARGE, and what the stream itself fails with. */
export function collectBody(body: Readable, { limit, expected, turn }: Collecting): Promise<Buffer[]> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer[]>();
  const pieces = new Pieces();
  let taken = 0;
  const onData = (chunk: Buffer): void => {
    if (pieces.length + chunk.length > limit) return end(tooLarge(limit));
    pieces.add(chunk, expected);
    taken += chunk.length;
    if (taken < BYTES_A_TURN) return;
    taken = 0;
    body.pause();
    void turn().then(() => body.resume());
  };
  const end = (error?: Error | null): void => {
    body.off("data", onData).off("end", end).off("error", end);
    if (error) reject(error);
    else resolve(pieces.all());
  };
  if (expected !== null && expected > limit) reject(tooLarge(limit));
  else body.on("data", onData).on("end", end).on("error", end).resume();
  return promise;
}

function tooLarge(limit: number): BerthError {
  return new BerthError(
    "BODY_TOO_LARGE",
    `Cannot read the request: the body is larger than ${formatSize(limit)}`,
  );
}
