import type { DescMessage } from "@bufbuild/protobuf";

/**
 * Whether a message has more fields than `most`, those of the messages in it among them. Each becomes an object or more:
 * a message of 12 MiB can hold six million, and takes seconds to read. What is no message is for its reader to refuse.
 */
export function hasMoreFields(schema: DescMessage, bytes: Uint8Array, most: number): boolean {
  return leftAfter(schema, bytes, most) < 0;
}

/** How many fields are left of `budget`; negative as soon as there are none. */
function leftAfter(schema: DescMessage | null, bytes: Uint8Array, budget: number): number {
  let left = budget;
  for (let at = 0; at < bytes.length && left >= 0; ) {
    left -= 1;
    const [tag, value] = readVarint(bytes, at);
    const field = schema?.fields.find(({ number }) => number === Math.floor(tag / 8));
    const kind = tag & 7;
    if (kind === 0) at = readVarint(bytes, value)[1];
    else if (kind === 1) at = value + 8;
    else if (kind === 5) at = value + 4;
    else if (kind !== 2) return left;
    else {
      const [length, begin] = readVarint(bytes, value);
      at = begin + length;
      // The entry of a map is a message of two fields, neither of them a message here.
      if (field?.fieldKind === "message" || field?.fieldKind === "map") {
        left = leftAfter(field.message ?? null, bytes.subarray(begin, at), left);
      }
    }
  }
  return left;
}

/** The number and where it ends. Of longer ones than 32 bits only the end matters. */
function readVarint(bytes: Uint8Array, from: number): [value: number, end: number] {
  let value = 0;
  for (let at = from; at < from + 10; at += 1) {
    const byte = bytes[at] ?? 0;
    if (at < from + 5) value += (byte & 0x7f) * 2 ** (7 * (at - from));
    if (byte < 0x80) return [value, at + 1];
  }
  return [value, Number.POSITIVE_INFINITY];
}
