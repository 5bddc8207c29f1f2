import type { ServerWritableStream } from "@grpc/grpc-js";

/** A message, with what to call when nothing holds its bytes any more. */
export interface Outgoing<Message> {
  message: Message;
  release?: (() => void) | undefined;
}

/** Messages that may be under way to one client: enough to keep the connection busy, few enough for many clients. */
const mostUnsent = 4;

/** Sends messages no faster than the client takes them. */
export class Outbox<Message> {
  readonly #call: Pick<ServerWritableStream<unknown, Message>, "write">;
  #unsent = 0;
  #wake: (() => void) | null = null;

  constructor(call: Pick<ServerWritableStream<unknown, Message>, "write">) {
    this.#call = call;
  }

  /** Resolves when there is room for the next one. Rejects with the signal's reason. */
  async send({ message, release }: Outgoing<Message>, signal: AbortSignal): Promise<void> {
    this.#unsent += 1;
    this.#call.write(message, () => {
      this.#unsent -= 1;
      release?.();
      this.#wake?.();
    });
    if (this.#unsent < mostUnsent) return;
    const room = Promise.withResolvers<void>();
    const leave = (): void => room.reject(signal.reason as Error);
    this.#wake = room.resolve;
    signal.addEventListener("abort", leave, { once: true });
    try {
      if (signal.aborted) leave();
      await room.promise;
    } finally {
      this.#wake = null;
      signal.removeEventListener("abort", leave);
    }
  }
}
