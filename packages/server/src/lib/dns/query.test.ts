import { describe, expect, it } from "vitest";
import { randomFrom } from "../../../test/support/seeded-random.ts";
import { RCODE, readHeader } from "./message.ts";
import { type Query, readQuery } from "./query.ts";
import { writeEdns, writeQuestionOf } from "./write-records.ts";

interface Shape {
  flags?: number;
  counts?: [number, number, number, number];
  body?: Buffer[];
}

function query({
  flags = 0x0100,
  counts = [1, 0, 0, 0],
  body = [writeQuestionOf({ name: "GitHub.com", type: "A" })],
}: Shape = {}): Buffer {
  const header = Buffer.alloc(12);
  header.writeUInt16BE(0x1234, 0);
  header.writeUInt16BE(flags, 2);
  for (const [n, count] of counts.entries()) header.writeUInt16BE(count, 4 + 2 * n);
  return Buffer.concat([header, ...body]);
}

const readOf = (bytes: Buffer): Query => {
  const read = readQuery(bytes);
  if (read.kind !== "query") throw new Error(`It is ${read.kind}`);
  return read.query;
};
const rcodeOf = (bytes: Buffer): number | undefined => {
  const read = readQuery(bytes);
  return read.kind === "reply" ? readHeader(read.reply)?.rcode : undefined;
};

/** A question whose name has these parts, whatever is in them. */
const questionOf = (...labels: Buffer[]): Buffer =>
  Buffer.concat([
    ...labels.flatMap((label) => [Buffer.from([label.length]), label]),
    Buffer.from([0, 0, 1, 0, 1]),
  ]);

describe("a question of a job", () => {
  it("is read, in the letters in which it was asked and without regard to them", () => {
    expect(readOf(query())).toMatchObject({
      id: 0x1234,
      opcode: 0,
      wantsRecursion: true,
      asked: "GitHub.com",
      name: "github.com",
      type: "A",
      space: "IN",
      edns: null,
    });
  });

  it("says by EDNS how long an answer may be, and whether it wants signatures", () => {
    const body = [
      writeQuestionOf({ name: "a.b", type: "UNKNOWN_65" }),
      writeEdns(4096, { wantsSignatures: true }),
    ];
    const read = readOf(query({ counts: [1, 0, 0, 1], body }));
    expect(read).toMatchObject({ type: "UNKNOWN_65", edns: { mostBytes: 4096, wantsSignatures: true } });
    const plain = [writeQuestionOf({ name: "a.b", type: "A" }), writeEdns(512)];
    expect(readOf(query({ counts: [1, 0, 0, 1], body: plain })).edns).toEqual({
      mostBytes: 512,
      wantsSignatures: false,
    });
  });

  it("is not there in what is too short for one, or is an answer", () => {
    expect(readQuery(Buffer.alloc(11)).kind).toBe("nothing");
    expect(readQuery(query({ flags: 0x8100 })).kind).toBe("nothing");
  });

  it.each<[string, Buffer, number]>([
    ["of another kind than asking", query({ flags: 0x2900 }), RCODE.notImplemented],
    ["with no question in it", query({ counts: [0, 0, 0, 0], body: [] }), RCODE.malformed],
    ["with two questions", query({ counts: [2, 0, 0, 0] }), RCODE.malformed],
    ["with an answer in it", query({ counts: [1, 1, 0, 0] }), RCODE.malformed],
    ["with more records than it has bytes", query({ counts: [1, 0, 0, 65_535] }), RCODE.malformed],
    ["whose name ends nowhere", query({ body: [Buffer.from([63, 97])] }), RCODE.malformed],
    ["whose name points to itself", query({ body: [Buffer.from([0xc0, 12, 0, 1, 0, 1])] }), RCODE.malformed],
    [
      "whose name points into the header",
      query({ body: [Buffer.from([0xc0, 0, 0, 1, 0, 1])] }),
      RCODE.malformed,
    ],
    ["whose name is cut off behind its pointer", query({ body: [Buffer.from([0xc0])] }), RCODE.malformed],
    [
      "longer than any",
      query({ body: [writeQuestionOf({ name: "a", type: "A" }), Buffer.alloc(2000)] }),
      RCODE.malformed,
    ],
    [
      "with a dot within a part",
      query({ body: [questionOf(Buffer.from("a.github"), Buffer.from("com"))] }),
      RCODE.malformed,
    ],
    [
      "with a dot at the end of a part",
      query({ body: [questionOf(Buffer.from("github"), Buffer.from("com."))] }),
      RCODE.malformed,
    ],
    [
      "with bytes that are no text",
      query({ body: [questionOf(Buffer.from([0xff, 0xfe]))] }),
      RCODE.malformed,
    ],
    [
      "with a name of 300 bytes",
      query({ body: [questionOf(...Array<Buffer>(5).fill(Buffer.alloc(60, 97)))] }),
      RCODE.malformed,
    ],
  ])("is refused at once: %s", (_what, bytes, rcode) => {
    expect(rcodeOf(bytes)).toBe(rcode);
  });

  it("never throws and never takes long, whatever its bytes are", () => {
    const random = randomFrom(6);
    const body = [writeQuestionOf({ name: "files.pythonhosted.org", type: "AAAA" }), writeEdns(1232)];
    const whole = query({ counts: [1, 0, 0, 1], body });
    const kinds = new Set<string>();
    for (let n = 0; n < 20_000; n += 1) {
      const bytes = Buffer.from(whole.subarray(0, random.below(whole.length + 1)));
      for (let change = random.below(4); change > 0 && bytes.length > 0; change -= 1) {
        bytes[random.below(bytes.length)] = random.below(256);
      }
      kinds.add(readQuery(bytes).kind);
    }
    expect(kinds).toEqual(new Set(["query", "reply", "nothing"]));
  });
});
