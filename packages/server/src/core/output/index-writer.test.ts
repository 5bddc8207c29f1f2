import { beforeEach, describe, expect, it } from "vitest";
import { IndexWriter } from "./index-writer.ts";
import { nothing, type OutputRecord, recordBytes, type Stream, tailOf } from "./output-record.ts";

let index: Buffer;
let monotonicMs: number;
let now: number;
let writer: IndexWriter;

const open = (): IndexWriter =>
  new IndexWriter(tailOf(index), (bytes, position) => {
    const grown = Buffer.alloc(Math.max(index.length, position + bytes.length));
    index.copy(grown);
    bytes.copy(grown, position);
    index = grown;
  });

beforeEach(() => {
  index = Buffer.alloc(0);
  [monotonicMs, now] = [1000, 1_700_000_000_000];
  writer = open();
});

function pass(ms: number): void {
  monotonicMs += ms;
  now += ms;
}

function grow(stream: Stream, bytes = 1): void {
  writer.grew(stream, bytes, { now });
  writer.settle({ monotonicMs });
}

function records(): OutputRecord[] {
  const found: OutputRecord[] = [];
  for (let end = recordBytes; end <= index.length; end += recordBytes) {
    const { last } = tailOf(index.subarray(0, end));
    if (last) found.push(last);
  }
  return found;
}

describe("the index", () => {
  it("adds what one stream writes within 100 ms to one record", () => {
    for (let step = 0; step < 100; step += 1) {
      grow("stdout");
      pass(10);
    }
    expect(records()).toHaveLength(10);
    expect(tailOf(index).last?.end).toEqual({ stdout: 100, stderr: 0 });
  });

  it("measures that by time that passed, and stamps records by the clock on the wall", () => {
    grow("stdout");
    now -= 86_400_000;
    pass(200);
    grow("stdout");
    expect(records().map(({ at }) => at)).toEqual([1_700_000_000_000, 1_700_000_000_200 - 86_400_000]);
  });

  it("never puts bytes before others that were shown already", () => {
    for (const stream of ["stderr", "stdout", "stderr", "stderr", "stdout"] as const) grow(stream);
    expect(records()).toEqual([
      { at: now, first: "stderr", start: nothing, end: { stdout: 1, stderr: 1 } },
      { at: now, first: "stderr", start: { stdout: 1, stderr: 1 }, end: { stdout: 2, stderr: 3 } },
    ]);
  });

  it("of a long job takes new records only now and then, and all at the end", () => {
    const last: OutputRecord = { at: now, first: "stdout", start: nothing, end: { stdout: 9000, stderr: 0 } };
    writer = new IndexWriter({ count: 8192, last }, (bytes, position) => {
      const skipped = 8192 * recordBytes;
      const grown = Buffer.alloc(Math.max(index.length, position - skipped + bytes.length));
      index.copy(grown);
      bytes.copy(grown, position - skipped);
      index = grown;
    });
    const begun = monotonicMs;
    grow("stderr");
    expect([tailOf(index).count, writer.dueAt]).toEqual([1, null]);
    pass(3);
    grow("stdout", 2);
    pass(1);
    grow("stderr", 3);
    expect([tailOf(index).count, writer.dueAt]).toEqual([1, begun + 10]);
    pass(5);
    writer.settle({ monotonicMs });
    expect(tailOf(index)).toMatchObject({ count: 1, last: { end: { stdout: 9002, stderr: 1 } } });
    pass(1);
    writer.settle({ monotonicMs });
    expect(tailOf(index)).toMatchObject({ count: 2, last: { at: now - 6, first: "stderr" } });
    expect(tailOf(index).last?.end).toEqual({ stdout: 9002, stderr: 4 });
    grow("stdout");
    grow("stderr");
    expect(writer.dueAt).toBe(begun + 20);
    writer.settle({ monotonicMs }, { force: true });
    expect(tailOf(index)).toMatchObject({ count: 3, last: { end: { stdout: 9003, stderr: 5 } } });
  });

  it("goes on where another writer was cut off, over what is torn", () => {
    grow("stdout", 5);
    index = Buffer.concat([index, Buffer.alloc(recordBytes + 7)]);
    writer = open();
    expect(writer.written).toEqual({ stdout: 5, stderr: 0 });
    grow("stdout", 2);
    grow("stderr", 1);
    expect(tailOf(index)).toMatchObject({ count: 2, last: { end: { stdout: 7, stderr: 1 } } });
  });

  it("keeps what could not be written for the next time", () => {
    let isFull = true;
    writer = new IndexWriter({ count: 0, last: null }, (bytes) => {
      if (isFull) throw new Error("ENOSPC");
      index = bytes;
    });
    expect(() => grow("stdout", 3)).toThrow("ENOSPC");
    isFull = false;
    grow("stderr", 4);
    expect(tailOf(index).last).toMatchObject({ first: "stdout", end: { stdout: 3, stderr: 4 } });
  });
});
