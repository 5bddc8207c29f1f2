import { BerthError } from "@berth/protocol";

/** So long calls that wait have for their answer when the server shuts down. */
const answerMs = 50;

/** The calls that are open, to be ended together. */
export class OpenCalls {
  readonly #open = new Set<AbortController>();
  readonly #closing = new AbortController();

  /** Aborts when the server shuts down, a moment before the calls do: who only waits can still be answered. */
  get closing(): AbortSignal {
    return this.#closing.signal;
  }

  /** Throws SHUTTING_DOWN when no more may begin. */
  add(call: AbortController): void {
    this.#closing.signal.throwIfAborted();
    this.#open.add(call);
  }

  remove(call: AbortController): void {
    this.#open.delete(call);
  }

  /** Ends those that are open, and refuses those to come. */
  endAll(): void {
    const reason = new BerthError("SHUTTING_DOWN", "Cannot go on: the server is shutting down");
    this.#closing.abort(reason);
    setTimeout(() => {
      for (const call of this.#open) call.abort(reason);
    }, answerMs);
  }
}
