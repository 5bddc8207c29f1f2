import type { OutputStream } from "@berth/protocol";

export type Stream = "stdout" | "stderr";

/** Bytes of each stream up to some moment. */
export type Ends = Readonly<Record<Stream, number>>;

/**
 * What came at one moment: of each stream the bytes from `start` to `end`, the growth of stream `first` before that
 * of the other. Records follow each other without a gap, so their order is the order of `all`, for ever.
 */
export interface OutputRecord {
  /** Epoch ms at which the first byte of it was written. */
  readonly at: number;
  readonly first: Stream;
  readonly start: Ends;
  readonly end: Ends;
}

/** Where some bytes lie: in the file of `stream` from `offset`, `length` of them, written at `at`. */
export interface Span {
  stream: Stream;
  offset: number;
  length: number;
  at: number;
}

export const nothing: Ends = { stdout: 0, stderr: 0 };

export function otherStream(stream: Stream): Stream {
  return stream === "stdout" ? "stderr" : "stdout";
}

/** The offset, as a reader of `stream` counts, at which these ends lie. */
export function offsetIn(stream: OutputStream, ends: Ends): number {
  return stream === "all" ? ends.stdout + ends.stderr : ends[stream];
}

/** Where the byte at `position` of the asked stream lies, and how far this record goes from there. */
export function spanIn(record: OutputRecord, stream: OutputStream, position: number): Span {
  const { at, first, start, end } = record;
  if (stream !== "all") return { stream, offset: position, length: end[stream] - position, at };
  const into = position - offsetIn("all", start);
  const firstLength = end[first] - start[first];
  const [part, skip] = into < firstLength ? [first, into] : [otherStream(first), into - firstLength];
  return { stream: part, offset: start[part] + skip, length: end[part] - start[part] - skip, at };
}

/**
 * A record on disk, 24 bytes, little-endian: 6 bytes `at`, 1 byte which stream is first, 1 byte format, then the two
 * ends as doubles. The ends lie on 8-byte boundaries, so that moving one of them is one undivided write; `start` is the
 * end of the record before.
 */
export const recordBytes = 24;
export const endPosition: Readonly<Record<Stream, number>> = { stdout: 8, stderr: 16 };
const format = 1;

export function encodeRecord({ at, first, end }: OutputRecord): Buffer {
  const bytes = Buffer.alloc(recordBytes);
  bytes.writeUIntLE(at, 0, 6);
  bytes.writeUInt8(first === "stderr" ? 1 : 0, 6);
  bytes.writeUInt8(format, 7);
  bytes.writeDoubleLE(end.stdout, endPosition.stdout);
  bytes.writeDoubleLE(end.stderr, endPosition.stderr);
  return bytes;
}

/** null when these bytes are no record: a write that a crash of the host cut short. */
export function decodeRecord(bytes: Buffer, position: number, start: Ends): OutputRecord | null {
  if (position + recordBytes > bytes.length || bytes.readUInt8(position + 7) !== format) return null;
  const end = {
    stdout: bytes.readDoubleLE(position + endPosition.stdout),
    stderr: bytes.readDoubleLE(position + endPosition.stderr),
  };
  if (!isEnd(end.stdout, start.stdout) || !isEnd(end.stderr, start.stderr)) return null;
  const first = bytes.readUInt8(position + 6) === 1 ? "stderr" : "stdout";
  return { at: bytes.readUIntLE(position, 6), first, start, end };
}

/** The end of an index, of all its bytes; what a crash of the host left torn there is not counted. */
export function tailOf(index: Buffer): { count: number; last: OutputRecord | null } {
  let last: OutputRecord | null = null;
  for (let count = 0; ; count += 1) {
    const next = decodeRecord(index, count * recordBytes, last?.end ?? nothing);
    if (next === null) return { count, last };
    last = next;
  }
}

function isEnd(end: number, start: number): boolean {
  return Number.isSafeInteger(end) && end >= start;
}
