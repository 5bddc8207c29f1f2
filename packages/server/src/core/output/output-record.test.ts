import { describe, expect, it } from "vitest";
import { decodeRecord, encodeRecord, nothing, type OutputRecord, spanIn } from "./output-record.ts";

const record: OutputRecord = {
  at: 1_700_000_000_123,
  first: "stderr",
  start: { stdout: 2 ** 40, stderr: 7 },
  end: { stdout: 2 ** 40 + 100, stderr: 17 },
};

describe("a record on disk", () => {
  it("comes back as it was", () => {
    expect(decodeRecord(encodeRecord(record), 0, record.start)).toEqual(record);
  });

  it.each([
    ["zeros", Buffer.alloc(24)],
    ["a part of one", encodeRecord(record).subarray(0, 20)],
    ["one of another format", encodeRecord(record).fill(9, 7, 8)],
  ])("is not seen in %s", (_title, bytes) => {
    expect(decodeRecord(bytes, 0, nothing)).toBeNull();
  });

  it("is not seen where it would go back behind the one before", () => {
    expect(decodeRecord(encodeRecord(record), 0, { stdout: 0, stderr: 18 })).toBeNull();
  });
});

describe("spanIn", () => {
  const begins = record.start.stdout + record.start.stderr;

  it.each([
    ["stdout", 2 ** 40 + 60, { stream: "stdout", offset: 2 ** 40 + 60, length: 40 }],
    ["stderr", 7, { stream: "stderr", offset: 7, length: 10 }],
    ["all", begins, { stream: "stderr", offset: 7, length: 10 }],
    ["all", begins + 9, { stream: "stderr", offset: 16, length: 1 }],
    ["all", begins + 10, { stream: "stdout", offset: 2 ** 40, length: 100 }],
    ["all", begins + 109, { stream: "stdout", offset: 2 ** 40 + 99, length: 1 }],
  ] as const)("of %s at %i gives the place in the file", (stream, position, span) => {
    expect(spanIn(record, stream, position)).toEqual({ ...span, at: record.at });
  });
});
