import type { OutputStream } from "@berth/protocol";
import { HeldFile } from "./held-file.ts";
import type { JobProgress } from "./job-progress.ts";
import {
  decodeRecord,
  nothing,
  offsetIn,
  type OutputRecord,
  recordBytes,
  type Span,
  spanIn,
} from "../../core/output/output-record.ts";

const blockRecords = 170;

/** Finds the record in which a position lies. Walking forward reads the index once, in blocks of 4 KiB. */
export class RecordCursor implements Disposable {
  readonly #progress: JobProgress;
  readonly #stream: OutputStream;
  readonly #file: HeldFile;
  #block: OutputRecord[] = [];
  #blockIndex = 0;
  #at = 0;

  constructor(progress: JobProgress, stream: OutputStream) {
    this.#file = new HeldFile(progress.folder.index);
    this.#progress = progress;
    this.#stream = stream;
  }

  /** The span at `position`, null when nothing is recorded there yet, undefined when it has to be loaded first. */
  find(position: number): Span | null | undefined {
    const { last } = this.#progress;
    if (last === null || position >= offsetIn(this.#stream, last.end)) return null;
    if (position >= offsetIn(this.#stream, last.start)) return spanIn(last, this.#stream, position);
    const record = this.#inBlock(position);
    return record && spanIn(record, this.#stream, position);
  }

  /** Reads the part of the index that holds `position`, which must be recorded. */
  async load(position: number): Promise<void> {
    const end = this.#block.at(-1)?.end;
    if (end && position >= offsetIn(this.#stream, end)) {
      // Walking on: the last record of the block is read again, it may have grown since.
      await this.#read(this.#blockIndex + this.#block.length - 1);
      if (this.#inBlock(position)) return;
    }
    await this.#read(await this.#search(position));
    if (!this.#inBlock(position)) throw new Error("Cannot read the output: its index is damaged");
  }

  [Symbol.dispose](): void {
    this.#file[Symbol.dispose]();
  }

  #inBlock(position: number): OutputRecord | undefined {
    if (position < offsetIn(this.#stream, this.#block[this.#at]?.start ?? nothing)) this.#at = 0;
    for (; this.#at < this.#block.length; this.#at += 1) {
      const record = this.#block[this.#at];
      if (record && position < offsetIn(this.#stream, record.start)) return undefined;
      if (record && position < offsetIn(this.#stream, record.end)) return record;
    }
    return undefined;
  }

  /** Takes the block from record number `from` on. The record before is read too: it says where the first starts. */
  async #read(from: number): Promise<void> {
    const before = Math.min(from, 1);
    const bytes = await this.#records({ from: from - before, count: blockRecords + before });
    this.#block = [];
    this.#blockIndex = from;
    this.#at = 0;
    let start = before === 0 ? nothing : decodeRecord(bytes, 0, nothing)?.end;
    for (let at = before * recordBytes; start; at += recordBytes) {
      const record = decodeRecord(bytes, at, start);
      if (record) this.#block.push(record);
      start = record?.end;
    }
  }

  /** The number of the first record that ends behind `position`. */
  async #search(position: number): Promise<number> {
    let [low, high] = [0, this.#progress.count - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((await this.#endOf(middle)) > position) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  async #endOf(index: number): Promise<number> {
    const record = decodeRecord(await this.#records({ from: index, count: 1 }), 0, nothing);
    return record ? offsetIn(this.#stream, record.end) : Number.POSITIVE_INFINITY;
  }

  async #records({ from, count }: { from: number; count: number }): Promise<Buffer> {
    const bytes = Buffer.alloc(count * recordBytes);
    return bytes.subarray(0, await this.#file.read(bytes, from * recordBytes));
  }
}
