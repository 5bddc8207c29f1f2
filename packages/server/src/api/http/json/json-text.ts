/** An answer that is JSON already, and is sent as it is. */
export class JsonText {
  readonly #parts: readonly string[];

  /** The parts of one text, in order. */
  constructor(...parts: readonly string[]) {
    this.#parts = parts;
  }

  /**
   * As bytes where it is long: Node measures a text, joins it with the head, and only then encodes it. A long part by
   * itself: one letter beyond Latin-1 makes all of a text dear to encode.
   */
  body(): string | Buffer {
    const letters = this.#parts.reduce((sum, { length }) => sum + length, 0);
    if (letters <= LONG) return this.#parts.join("");
    const encoded: Buffer[] = [];
    let short = "";
    for (const part of this.#parts) {
      if (part.length <= LONG) short += part;
      else {
        encoded.push(Buffer.from(short), Buffer.from(part));
        short = "";
      }
    }
    return Buffer.concat([...encoded, Buffer.from(short)]);
  }
}

const LONG = 64 * 1024;
