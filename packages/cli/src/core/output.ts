import { once } from "node:events";
import type { ExactNumber } from "@berth/sdk";
import type { Terminal } from "./surroundings.ts";

/** Nobody reads any more, as with `berth list | head -1`. */
export class BrokenPipe extends Error {
  override readonly name = "BrokenPipe";
}

/** Where it goes takes no more: a full disk. */
export class WriteFailed extends Error {
  override readonly name = "WriteFailed";
}

/** A number that JSON is printed with as it was written, also where a double would round it. Not every Node has it. */
export const { rawJSON: asWritten } = JSON as { rawJSON?: ExactNumber };

/** What both streams show, where they are a terminal. */
export interface Screen {
  /** The last thing written did not end its line. */
  isMidLine: boolean;
}

const NEWLINE = "\n".charCodeAt(0);
/** What a line of progress is taken back with. */
const ERASED = "\r\u{1b}[K";

/** Writes to one of the two streams, no faster than it is read. */
export class Output {
  readonly isTerminal: boolean;
  readonly #stream: Terminal;
  readonly #screen: Screen;
  readonly #broken = new AbortController();

  /** With the screen that another stream shows its own on too. */
  constructor(stream: Terminal, screen: Screen = { isMidLine: false }) {
    this.#stream = stream;
    this.#screen = screen;
    this.isTerminal = stream.isTTY === true;
    stream.on("error", (cause: NodeJS.ErrnoException) => this.#broken.abort(whyBroken(cause)));
  }

  /** Columns of the terminal; null where the width does not matter. */
  get columns(): number | null {
    return this.isTerminal ? (this.#stream.columns ?? 80) : null;
  }

  /** Aborted when nobody reads any more, or nothing can be written. */
  get broken(): AbortSignal {
    return this.#broken.signal;
  }

  /** Waits for whoever reads to keep up, or for `signal`: rejects with its reason. */
  async write(data: string | Uint8Array, leave?: AbortSignal): Promise<void> {
    const signals = leave === undefined ? [this.#broken.signal] : [this.#broken.signal, leave];
    const check = (): void => signals.forEach((signal) => signal.throwIfAborted());
    check();
    if (this.isTerminal && data.length > 0) this.#screen.isMidLine = !endsLine(data);
    if (this.#stream.write(data)) return;
    const waiting = new AbortController();
    const end = (): void => waiting.abort();
    for (const signal of signals) signal.addEventListener("abort", end);
    try {
      await once(this.#stream, "drain", { signal: waiting.signal });
    } catch (error) {
      check();
      throw error;
    } finally {
      for (const signal of signals) signal.removeEventListener("abort", end);
    }
  }

  async line(text = ""): Promise<void> {
    await this.write(`${text}\n`);
  }

  /** A line of our own: on a terminal never on the line that a job's output stopped in. */
  async remark(text: string): Promise<void> {
    await this.line(this.isTerminal && this.#screen.isMidLine ? `\n${text}` : text);
  }

  /** One JSON document, for scripts. */
  async json(value: unknown): Promise<void> {
    await this.line(JSON.stringify(value, null, 2));
  }
}

function endsLine(data: string | Uint8Array): boolean {
  return typeof data === "string" ? data.endsWith("\n") || data.endsWith(ERASED) : data.at(-1) === NEWLINE;
}

function whyBroken(cause: NodeJS.ErrnoException): Error {
  if (cause.code === "EPIPE" || cause.code === "ECONNRESET")
    return new BrokenPipe("Cannot write: nobody reads any more", { cause });
  return new WriteFailed(`Cannot write the output: ${cause.code ?? cause.message}`, { cause });
}
