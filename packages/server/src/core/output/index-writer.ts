import { mergeWindowMs, spacingMs } from "./coalescing.ts";
import {
  encodeRecord,
  endPosition,
  type Ends,
  nothing,
  type OutputRecord,
  otherStream,
  recordBytes,
  type Stream,
} from "./output-record.ts";

/** The end of an index: how many records it has, and the last of them. */
export interface IndexTail {
  count: number;
  last: OutputRecord | null;
}

/** Whole milliseconds: of a clock that never jumps, and since the epoch. */
export interface Moment {
  monotonicMs: number;
  now: number;
}

/** Puts these bytes at this position of the index: all of them, or it throws. */
export type WriteAt = (bytes: Buffer, position: number) => void;

const streams = ["stdout", "stderr"] as const;

/**
 * How an engine keeps the index of a job's output: the bytes go to their file first, then `grew` is told of them. This is the reference for the program that does the same in C for real jobs (native/): for the same growth at the same
 * moments both write the same bytes. One writer at a time; whoever takes over begins with the tail that lies in the file.
 *
 *   growth --> may it be added to the last record? --> its end is moved: one undivided write of 8 bytes
 *                '--> has the spacing passed? ------> a new record of 24 bytes
 *                       '--> it waits, unseen, until `settle` is called at the moment that `dueAt` names
 */
export class IndexWriter {
  readonly #write: WriteAt;
  #count: number;
  #last: OutputRecord | null;
  #recordedAt = Number.NEGATIVE_INFINITY;
  /** What is in the files. */
  #written: Record<Stream, number>;
  /** The stream that grew first since the last record, and when. */
  #pending: { first: Stream; at: number } | null = null;

  constructor({ count, last }: IndexTail, write: WriteAt) {
    this.#count = count;
    this.#last = last;
    this.#written = { ...(last?.end ?? nothing) };
    this.#write = write;
  }

  get written(): Ends {
    return this.#written;
  }

  /** That many bytes more of this stream are in its file; `settle` is to be called next. */
  grew(stream: Stream, bytes: number, { now }: Pick<Moment, "now">): void {
    if (bytes === 0) return;
    this.#pending ??= { first: stream, at: now };
    this.#written[stream] += bytes;
  }

  /** When something that waits may be recorded, on the clock that never jumps; null when nothing waits. */
  get dueAt(): number | null {
    return this.#pending && this.#recordedAt + spacingMs(this.#count);
  }

  /** Records what has grown, if it is time; `force` at the end of the output and at its limit. */
  settle({ monotonicMs }: Pick<Moment, "monotonicMs">, { force = false } = {}): void {
    if (this.#pending === null) return;
    const sinceMs = monotonicMs - this.#recordedAt;
    const extended = sinceMs < mergeWindowMs(this.#count) ? this.#extendable() : null;
    if (extended) this.#extend(extended.stream, extended.last);
    else if (force || sinceMs >= spacingMs(this.#count)) this.#append(this.#pending, monotonicMs);
  }

  /** The last record, where nothing but the stream that comes last in it has grown. */
  #extendable(): { stream: Stream; last: OutputRecord } | null {
    const last = this.#last;
    if (last === null) return null;
    const [stream, other] = streams.filter((one) => this.#written[one] > last.end[one]);
    if (stream === undefined || other !== undefined) return null;
    const after = otherStream(stream);
    const comesLast = last.first !== stream || last.end[after] === last.start[after];
    return comesLast ? { stream, last } : null;
  }

  #extend(stream: Stream, last: OutputRecord): void {
    const end = this.#written[stream];
    const bytes = Buffer.alloc(8);
    bytes.writeDoubleLE(end);
    this.#write(bytes, (this.#count - 1) * recordBytes + endPosition[stream]);
    this.#last = { ...last, end: { ...last.end, [stream]: end } };
    this.#pending = null;
  }

  #append({ first, at }: { first: Stream; at: number }, monotonicMs: number): void {
    const record = { at, first, start: this.#last?.end ?? nothing, end: { ...this.#written } };
    this.#write(encodeRecord(record), this.#count * recordBytes);
    this.#count += 1;
    this.#last = record;
    this.#recordedAt = monotonicMs;
    this.#pending = null;
  }
}
