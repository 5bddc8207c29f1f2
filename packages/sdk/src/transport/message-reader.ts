import type { IncomingMessage } from "node:http";
import type { ByteReader } from "./transport.ts";

type Read = Awaited<ReturnType<ByteReader["read"]>>;

/**
 * Reads a message of Node's HTTP piece by piece, as they came from the socket. (A loop over the message itself would join
 * what has come meanwhile, which copies every byte.) What comes while nobody reads stops the message.
 */
export class MessageReader implements ByteReader {
  readonly #message: IncomingMessage;
  readonly #pieces: Uint8Array[] = [];
  #waiting: { resolve: (read: Read) => void; reject: (failure: unknown) => void } | null = null;
  #end: { failure: unknown } | "in order" | null = null;

  constructor(message: IncomingMessage) {
    this.#message = message;
    message.on("data", (piece: Buffer) => this.#take(piece));
    message.once("end", () => this.#finish("in order"));
    message.once("error", (failure) => this.#finish({ failure }));
    // Without an error: by `cancel`, or by a connection that was closed half way.
    message.once("close", () => this.#finish({ failure: cut() }));
  }

  async read(): Promise<Read> {
    const value = this.#pieces.shift();
    if (value !== undefined) return { done: false, value };
    if (this.#end === "in order") return { done: true };
    if (this.#end !== null) throw this.#end.failure;
    return await new Promise<Read>((resolve, reject) => {
      this.#waiting = { resolve, reject };
      this.#message.resume();
    });
  }

  async cancel(): Promise<void> {
    this.#message.destroy();
  }

  #take(value: Uint8Array): void {
    if (this.#waiting === null) {
      this.#pieces.push(value);
      this.#message.pause();
      return;
    }
    this.#waiting.resolve({ done: false, value });
    this.#waiting = null;
  }

  #finish(end: { failure: unknown } | "in order"): void {
    this.#end ??= end;
    const waiting = this.#waiting;
    this.#waiting = null;
    if (this.#end === "in order") waiting?.resolve({ done: true });
    else waiting?.reject(this.#end.failure);
  }
}

function cut(): Error {
  return Object.assign(new Error("the connection was closed"), { code: "ECONNRESET" });
}
