import { MOST_MESSAGE_BYTES } from "./message.ts";

/** Cuts what comes by a stream into messages, each of which has its length before it. Holds one message and what has come behind it. */
export class StreamMessages {
  #held: Buffer = Buffer.alloc(0);

  push(bytes: Buffer): void {
    this.#held = this.#held.length === 0 ? bytes : Buffer.concat([this.#held, bytes]);
  }

  /** The next whole one; null where none has come. */
  shift(): Buffer | null {
    if (this.#held.length < 2) return null;
    const end = 2 + this.#held.readUInt16BE(0);
    if (this.#held.length < end) return null;
    const message = this.#held.subarray(2, end);
    this.#held = this.#held.subarray(end);
    return message;
  }

  /** Bytes that have come and are of no message that was taken. */
  get size(): number {
    return this.#held.length;
  }
}

export function writeStreamMessage(message: Buffer): Buffer {
  if (message.length > MOST_MESSAGE_BYTES)
    throw new Error("No stream carries a message of more than 65,535 bytes");
  const length = Buffer.alloc(2);
  length.writeUInt16BE(message.length);
  return Buffer.concat([length, message]);
}
