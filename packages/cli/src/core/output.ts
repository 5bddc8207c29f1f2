import { once } from "node:events";
import type { Terminal } from "./surroundings.ts";

/** Nobody reads any more, as with `berth list | head -1`. */
export class BrokenPipe extends Error {
  override readonly name = "BrokenPipe";
}

/** Writes to one of the two streams, no faster than it is read. */
export class Output {
  readonly isTerminal: boolean;
  readonly #stream: Terminal;
  readonly #broken = new AbortController();

  constructor(stream: Terminal) {
    this.#stream = stream;
    this.isTerminal = stream.isTTY === true;
    stream.on("error", (cause) => {
      this.#broken.abort(new BrokenPipe("Cannot write: nobody reads any more", { cause }));
    });
  }

  /** Columns of the terminal; null where the width does not matter. */
  get columns(): number | null {
    return this.isTerminal ? (this.#stream.columns ?? 80) : null;
  }

  /** Aborted when nobody reads any more. */
  get broken(): AbortSignal {
    return this.#broken.signal;
  }

  async write(data: string | Uint8Array): Promise<void> {
    const { signal } = this.#broken;
    signal.throwIfAborted();
    if (this.#stream.write(data)) return;
    try {
      await once(this.#stream, "drain", { signal });
    } catch (error) {
      signal.throwIfAborted();
      throw error;
    }
  }

  async line(text = ""): Promise<void> {
    await this.write(`${text}\n`);
  }

  /** One JSON document, for scripts. */
  async json(value: unknown): Promise<void> {
    await this.line(JSON.stringify(value, null, 2));
  }
}
