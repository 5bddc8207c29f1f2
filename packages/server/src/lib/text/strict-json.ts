import { onLoop } from "../on-loop.ts";

/** A JSON document, or why it is none: a sentence that ends with the place. */
export type StrictJson =
  | {
      ok: true;
      value: unknown;
      /** As it was written, without the blanks between its parts: a number keeps digits that a double has not. */
      text: string;
    }
  | { ok: false; reason: string };

export interface StrictJsonOptions {
  /** Deepest nesting of lists and objects. Default 100. */
  maxDepth?: number;
}

/**
 * Parses JSON as RFC 8259 has it and refuses what parsers disagree about: a byte order mark, a key twice in one object,
 * NaN and Infinity, numbers too large for a double. Needs no stack for depth, and lets other work in between: a
 * document of a megabyte would hold everything up for 50 ms.
 */
export async function parseStrictJson(
  text: string,
  { maxDepth = 100 }: StrictJsonOptions = {},
): Promise<StrictJson> {
  const parser = new Parser(text, maxDepth);
  try {
    while (!onLoop("result: read", () => parser.advance(tokensPerSlice))) await new Promise(setImmediate);
    return { ok: true, value: parser.value, text: parser.compact };
  } catch (error) {
    if (!(error instanceof Unfit)) throw error;
    return { ok: false, reason: `${error.message} ${placeIn(text, error.position)}` };
  }
}

/** About a millisecond of work. */
const tokensPerSlice = 8192;

class Unfit extends Error {
  readonly position: number;

  constructor(what: string, position: number) {
    super(what);
    this.position = position;
  }
}

type Container =
  | { kind: "list"; value: unknown[] }
  | { kind: "object"; value: Record<string, unknown>; key: string };
type Expected = "value" | "value or end" | "key" | "key or end" | "comma or end" | "nothing";

class Parser {
  value: unknown;
  readonly #text: string;
  readonly #maxDepth: number;
  readonly #open: Container[] = [];
  /** What stands between blanks, up to `#from`. */
  readonly #parts: string[] = [];
  #from = 0;
  #at = 0;
  #expected: Expected = "value";

  constructor(text: string, maxDepth: number) {
    this.#text = text;
    this.#maxDepth = maxDepth;
  }

  /** The document without blanks, once it is complete. */
  get compact(): string {
    return this.#parts.join("") + this.#text.slice(this.#from);
  }

  /** Takes up to `tokens` tokens; true when the document is complete. */
  advance(tokens: number): boolean {
    for (let taken = 0; taken < tokens; taken += 1) {
      this.#skipSpace();
      if (this.#at === this.#text.length) {
        if (this.#expected === "nothing") return true;
        throw new Unfit(
          this.#text.trim() === "" ? "The document is empty" : "The document ends too early",
          this.#at,
        );
      }
      this.#take(this.#text.charCodeAt(this.#at));
    }
    return false;
  }

  #take(code: number): void {
    switch (this.#expected) {
      case "key or end":
        return code === CLOSE_OBJECT ? this.#close() : this.#takeKey(code);
      case "key":
        return this.#takeKey(code);
      case "value or end":
        return code === CLOSE_LIST ? this.#close() : this.#takeValue(code);
      case "value":
        return this.#takeValue(code);
      case "comma or end":
        return this.#takeCommaOrEnd(code);
      case "nothing":
        throw this.#unexpected("after the document");
      default:
        return this.#expected satisfies never;
    }
  }

  #takeValue(code: number): void {
    if (code === QUOTE) this.#put(this.#takeString());
    else if (code === OPEN_OBJECT) this.#openContainer({ kind: "object", value: {}, key: "" });
    else if (code === OPEN_LIST) this.#openContainer({ kind: "list", value: [] });
    else if (code === MINUS || isDigit(code)) this.#put(this.#takeNumber());
    else this.#put(this.#takeWord());
  }

  #takeKey(code: number): void {
    const from = this.#at;
    if (code !== QUOTE) throw this.#unexpected("where a key belongs");
    const key = this.#takeString();
    this.#skipSpace();
    if (this.#text.charCodeAt(this.#at) !== COLON) throw this.#unexpected("where a colon belongs");
    this.#at += 1;
    const container = this.#open.at(-1);
    if (container?.kind !== "object") return;
    if (Object.hasOwn(container.value, key))
      throw new Unfit(`Key ${JSON.stringify(key.slice(0, 64))} comes twice`, from);
    container.key = key;
    this.#expected = "value";
  }

  #takeCommaOrEnd(code: number): void {
    const kind = this.#open.at(-1)?.kind;
    if (code === COMMA) {
      this.#at += 1;
      this.#expected = kind === "object" ? "key" : "value";
    } else if (code === (kind === "object" ? CLOSE_OBJECT : CLOSE_LIST)) this.#close();
    else throw this.#unexpected("where a comma or the end belongs");
  }

  #openContainer(container: Container): void {
    if (this.#open.length >= this.#maxDepth)
      throw new Unfit(`Nested deeper than ${this.#maxDepth}`, this.#at);
    this.#at += 1;
    this.#open.push(container);
    this.#expected = container.kind === "object" ? "key or end" : "value or end";
  }

  #close(): void {
    this.#at += 1;
    this.#put(this.#open.pop()?.value);
  }

  /** A value is complete: it goes into what it stands in. */
  #put(value: unknown): void {
    const container = this.#open.at(-1);
    this.#expected = container ? "comma or end" : "nothing";
    if (!container) this.value = value;
    else if (container.kind === "list") container.value.push(value);
    else if (container.key === "__proto__") {
      Object.defineProperty(container.value, container.key, {
        value,
        writable: true,
        enumerable: true,
        configurable: true,
      });
    } else container.value[container.key] = value;
  }

  #takeString(): string {
    const from = this.#at;
    let escaped = false;
    for (let at = from + 1; ; at += 1) {
      const code = this.#text.charCodeAt(at);
      if (code === QUOTE) {
        this.#at = at + 1;
        return escaped
          ? (JSON.parse(this.#text.slice(from, at + 1)) as string)
          : this.#text.slice(from + 1, at);
      }
      if (Number.isNaN(code)) throw new Unfit("A string has no end", from);
      if (code < SPACE) throw new Unfit("A control character stands in a string", at);
      if (code === BACKSLASH) {
        escaped = true;
        at += this.#escapeLength(at) - 1;
      }
    }
  }

  #escapeLength(at: number): number {
    const code = this.#text.charCodeAt(at + 1);
    if (code === LETTER_U && HEX.test(this.#text.slice(at + 2, at + 6))) return 6;
    if (code !== LETTER_U && ESCAPABLE.includes(this.#text.charAt(at + 1)) && !Number.isNaN(code)) return 2;
    throw new Unfit("An escape in a string is not known", at);
  }

  #takeNumber(): number {
    NUMBER.lastIndex = this.#at;
    if (!NUMBER.test(this.#text)) throw this.#unexpected("in a number");
    const number = Number(this.#text.slice(this.#at, NUMBER.lastIndex));
    if (!Number.isFinite(number)) throw new Unfit("A number is too large", this.#at);
    this.#at = NUMBER.lastIndex;
    return number;
  }

  #takeWord(): boolean | null {
    for (const [word, value] of WORDS) {
      if (this.#text.startsWith(word, this.#at)) {
        this.#at += word.length;
        return value;
      }
    }
    throw this.#unexpected("where a value belongs");
  }

  #skipSpace(): void {
    const blanks = this.#at;
    let code = this.#text.charCodeAt(this.#at);
    while (code === SPACE || code === 0x0a || code === 0x0d || code === 0x09)
      code = this.#text.charCodeAt(++this.#at);
    if (this.#at === blanks) return;
    if (blanks > this.#from) this.#parts.push(this.#text.slice(this.#from, blanks));
    this.#from = this.#at;
  }

  #unexpected(where: string): Unfit {
    if (this.#at >= this.#text.length) return new Unfit("The document ends too early", this.#at);
    if (this.#text.charCodeAt(this.#at) === BYTE_ORDER_MARK)
      return new Unfit("A byte order mark stands", this.#at);
    return new Unfit(`Unexpected ${JSON.stringify(this.#text.charAt(this.#at))} ${where}`, this.#at);
  }
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;
const COMMA = 0x2c;
const COLON = 0x3a;
const MINUS = 0x2d;
const SPACE = 0x20;
const BYTE_ORDER_MARK = 0xfeff;
const LETTER_U = 0x75;
const ESCAPABLE = '"\\/bfnrt';
const HEX = /^[0-9a-fA-F]{4}$/;
const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
const WORDS = [
  ["true", true],
  ["false", false],
  ["null", null],
] as const;

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

function placeIn(text: string, position: number): string {
  const before = text.slice(0, position).split("\n");
  return `at line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1}`;
}
