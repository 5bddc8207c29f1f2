/** A piece of a text, as such or as its bytes. */
export type JsonPart = string | Uint8Array;

/** An answer that is JSON already, and is sent as it is. */
export class JsonText {
  readonly #parts: readonly JsonPart[];

  /** The parts of one text, in order. */
  constructor(...parts: readonly JsonPart[]) {
    this.#parts = parts;
  }

  /**
   * As bytes where it is long: Node measures a text, joins it with the head, and only then encodes it. A long part by
   * itself: one letter beyond Latin-1 makes all of a text dear to encode.
   */
  body(): string | Buffer {
    const size = this.#parts.reduce((sum, { length }) => sum + length, 0);
    if (size <= LONG && this.#parts.every(isText)) return this.#parts.join("");
    const encoded: Uint8Array[] = [];
    let short = "";
    for (const part of this.#parts) {
      if (isText(part) && part.length <= LONG) short += part;
      else {
        encoded.push(Buffer.from(short), isText(part) ? Buffer.from(part) : part);
        short = "";
      }
    }
    return Buffer.concat([...encoded, Buffer.from(short)]);
  }
}

const LONG = 64 * 1024;

function isText(part: JsonPart): part is string {
  return typeof part === "string";
}
