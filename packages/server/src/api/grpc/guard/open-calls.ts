import { BerthError } from "@berth/protocol";
import type { Shown } from "../connection/connection-certificate.ts";

/** So long calls that wait have for their answer when the server shuts down. */
const answerMs = 50;

/** The calls that are open, to be ended together or by what their clients showed. */
export class OpenCalls {
  readonly #open = new Map<AbortController, Shown>();
  readonly #closing = new AbortController();

  /** Aborts when the server shuts down, a moment before the calls do: who only waits can still be answered. */
  get closing(): AbortSignal {
    return this.#closing.signal;
  }

  /** Throws SHUTTING_DOWN when no more may begin. */
  add(call: AbortController, shown: Shown): void {
    this.#closing.signal.throwIfAborted();
    this.#open.set(call, shown);
  }

  remove(call: AbortController): void {
    this.#open.delete(call);
  }

  /** Ends those of which `check` throws, with what it throws. */
  recheck(check: (shown: Shown) => void): void {
    for (const [call, shown] of this.#open) {
      try {
        check(shown);
      } catch (error) {
        call.abort(error);
      }
    }
  }

  /** Ends those that are open, and refuses those to come. */
  endAll(): void {
    const reason = new BerthError("SHUTTING_DOWN", "Cannot go on: the server is shutting down");
    this.#closing.abort(reason);
    setTimeout(() => {
      for (const call of this.#open.keys()) call.abort(reason);
    }, answerMs);
  }
}
