import type { ServerHttp2Stream } from "node:http2";

/** What grpc-js keeps to itself in a call; absent if it ever hides it better. Whoever needs it has a test that tells. */
interface InsideCall {
  stream?: ServerHttp2Stream;
  deadlineTimer?: NodeJS.Timeout | null;
  decoder?: { readPartialMessage?: Buffer[]; maxReadMessageLength?: number };
  maxReceiveMessageSize?: number;
}

/** The HTTP/2 stream below a call. */
export function http2StreamOf(call: object): ServerHttp2Stream | undefined {
  return (call as InsideCall).stream;
}

/** Far more than passes between the arrival of a call and this look at it. */
const longAgoMs = 60_000;

/**
 * Takes back a deadline that has just come and is long over. grpc-js counts milliseconds in 32 bits: a client that gives
 * 30 days would be told at once that they are over. The client itself knows when they are.
 */
export function dropOverflownDeadline(call: { getDeadline(): Date | number }): void {
  if (Number(call.getDeadline()) < Date.now() - longAgoMs)
    clearTimeout((call as InsideCall).deadlineTimer ?? undefined);
}

/**
 * Has a larger message refused, with RESOURCE_EXHAUSTED, as soon as its length is known: before any of it is kept or read.
 * What is compressed is measured when it is not any more.
 */
export function limitMessages(call: object, bytes: number): void {
  const inside = call as InsideCall;
  if (inside.decoder) inside.decoder.maxReadMessageLength = bytes;
  inside.maxReceiveMessageSize = bytes;
}

/**
 * Lets go of the pieces in which the last message came. grpc-js keeps them until the next one, which a call of one
 * message never gets, and a call that waits may be open for hours.
 */
export function dropMessagePieces(call: object): void {
  const { decoder } = call as InsideCall;
  if (decoder) decoder.readPartialMessage = [];
}

/** So many pieces a message of ordinary frames may have before any are joined, and what counts as a small one. */
const FEW_PIECES = 16;
const SMALL_BYTES = 4096;
const MOST_BYTES = 2 ** 20;

/**
 * Has the pieces of a message joined as they come. grpc-js keeps each until the message is whole, and a client may send each
 * byte by itself: each would take a hundred times its size.
 */
export function joinMessagePieces(call: object): void {
  const { decoder } = call as InsideCall;
  if (!decoder) return;
  let pieces = new JoinedPieces();
  Object.defineProperty(decoder, "readPartialMessage", {
    get: () => pieces,
    // With each message, and when it is let go of.
    set: () => {
      pieces = new JoinedPieces();
    },
  });
}

/** Its last piece may lie in memory that has room for more. */
class JoinedPieces extends Array<Buffer> {
  #open = Buffer.alloc(0);
  #used = 0;

  override push(piece: Buffer): number {
    if (this.length < FEW_PIECES || piece.length >= SMALL_BYTES) {
      this.#open = Buffer.alloc(0);
      this.#used = 0;
      return super.push(piece);
    }
    if (this.#used + piece.length > this.#open.length) {
      this.#open = Buffer.allocUnsafe(Math.min(Math.max(this.#used * 2, SMALL_BYTES), MOST_BYTES));
      this.#used = 0;
      super.push(this.#open);
    }
    this.#open.set(piece, this.#used);
    this.#used += piece.length;
    this[this.length - 1] = this.#open.subarray(0, this.#used);
    return this.length;
  }
}
