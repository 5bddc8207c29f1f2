/** Tags of google.protobuf.Value, Struct and ListValue: field number * 8 + wire type. */
const NULL = 1 << 3;
const NUMBER = (2 << 3) | 1;
const STRING = (3 << 3) | 2;
const BOOL = 4 << 3;
const STRUCT = (5 << 3) | 2;
const LIST = (6 << 3) | 2;
/** An entry of the two latter; the key and the value of an entry of a Struct. */
const ENTRY = (1 << 3) | 2;
const KEY = (1 << 3) | 2;
const VALUE = (2 << 3) | 2;

/**
 * JSON as a google.protobuf.Value of the wire, with its length before it. The general encoder makes objects of each value, and
 * takes half a second for a result of a megabyte.
 */
export function valueBytes(json: unknown): Uint8Array<ArrayBuffer> {
  const writer = new BackwardWriter();
  writeValue(writer, json);
  writer.length(0);
  return writer.bytes();
}

/** Last byte first: what stands before a part is its length, which is known by then. */
function writeValue(to: BackwardWriter, json: unknown): void {
  switch (typeof json) {
    case "number":
      to.double(json);
      return to.byte(NUMBER);
    case "string":
      to.text(json);
      return to.byte(STRING);
    case "boolean":
      to.byte(json ? 1 : 0);
      return to.byte(BOOL);
    default:
      if (json === null) {
        to.byte(0);
        return to.byte(NULL);
      }
      return Array.isArray(json) ? writeList(to, json) : writeStruct(to, json as Record<string, unknown>);
  }
}

function writeList(to: BackwardWriter, list: readonly unknown[]): void {
  const end = to.written;
  for (let at = list.length - 1; at >= 0; at -= 1) {
    const endOfEntry = to.written;
    writeValue(to, list[at]);
    to.length(endOfEntry);
    to.byte(ENTRY);
  }
  to.length(end);
  to.byte(LIST);
}

function writeStruct(to: BackwardWriter, struct: Readonly<Record<string, unknown>>): void {
  const end = to.written;
  for (const key of Object.keys(struct).reverse()) {
    const endOfEntry = to.written;
    writeValue(to, struct[key]);
    to.length(endOfEntry);
    to.byte(VALUE);
    to.text(key);
    to.byte(KEY);
    to.length(endOfEntry);
    to.byte(ENTRY);
  }
  to.length(end);
  to.byte(STRUCT);
}

const encoder = new TextEncoder();

class BackwardWriter {
  #memory = new Uint8Array(1024);
  #view = new DataView(this.#memory.buffer);
  /** Where the byte stands that was written last. */
  #at = this.#memory.length;

  get written(): number {
    return this.#memory.length - this.#at;
  }

  bytes(): Uint8Array<ArrayBuffer> {
    return this.#memory.slice(this.#at);
  }

  byte(value: number): void {
    this.#makeRoom(1);
    this.#at -= 1;
    this.#memory[this.#at] = value;
  }

  double(value: number): void {
    this.#makeRoom(8);
    this.#at -= 8;
    this.#view.setFloat64(this.#at, value, true);
  }

  /** With its length before it. */
  text(value: string): void {
    const end = this.written;
    // Most that its letters can take.
    this.#makeRoom(value.length * 3);
    const bytes = encoder.encode(value);
    this.#at -= bytes.length;
    this.#memory.set(bytes, this.#at);
    this.length(end);
  }

  /** Of what was written since there were so many bytes. */
  length(since: number): void {
    let rest = this.written - since;
    const groups = [rest & 127];
    for (rest >>>= 7; rest > 0; rest >>>= 7) groups.push(rest & 127);
    for (let at = groups.length - 1; at >= 0; at -= 1) {
      const isLast = at === groups.length - 1;
      this.byte((groups[at] ?? 0) | (isLast ? 0 : 128));
    }
  }

  #makeRoom(bytes: number): void {
    if (this.#at >= bytes) return;
    const memory = new Uint8Array(Math.max(this.#memory.length * 2, this.written + bytes));
    const at = memory.length - this.written;
    memory.set(this.#memory.subarray(this.#at), at);
    this.#memory = memory;
    this.#view = new DataView(memory.buffer);
    this.#at = at;
  }
}
