import { describe, expect, it } from "vitest";
import { type ChainHead, digestOf, isSealed, noHash, sealOf } from "./chain.ts";
import { OpenBlock } from "./open-block.ts";

const seal = sealOf("the chain", Buffer.alloc(32, 7));
const head: ChainHead = { seq: 41, hash: digestOf("the block before") };

/** The parameters of a record's statement, as a query makes them. */
function parameters(at: number, text: string): unknown[] {
  return ["", 0, 0, at, text, "its account"];
}

describe("a record", () => {
  it("is given chain, block and number, and keeps the rest", () => {
    const block = new OpenBlock(seal, head);
    const given = parameters(5000, "one");
    expect(block.take(given, 0)).toEqual(["the chain", 42, 1, 5000, "one", "its account"]);
    expect(block.take(parameters(5001, "two"), 1)).toEqual(["the chain", 42, 2, 5001, "two", "its account"]);
    expect(given).toEqual(parameters(5000, "one"));
  });

  it("is in the first block where the chain has not begun", () => {
    const block = new OpenBlock(seal, null);
    expect(block.take(parameters(5000, "one"), 0)).toEqual(["the chain", 1, 1, 5000, "one", "its account"]);
    expect(block.close(() => true)).toMatchObject({ seq: 1, prev: noHash });
  });
});

describe("the block at the end of a transaction", () => {
  it("seals the records whose writes hold, under the numbers that they got", () => {
    const block = new OpenBlock(seal, head);
    block.take(parameters(5000, "of a write that holds"), 0);
    block.take(parameters(9000, "of one that was undone"), 1);
    block.take(parameters(4000, "of another that holds, after the clock was set back"), 2);
    const closed = block.close((write) => write !== 1);
    expect(closed).toMatchObject({
      chain: "the chain",
      seq: 42,
      keyId: seal.keyId,
      firstAt: 4000,
      at: 5000,
      count: 2,
      prev: head.hash,
    });
    expect(
      closed &&
        isSealed(seal.key, closed, [
          { n: 1, digest: digestOf("of a write that holds") },
          { n: 3, digest: digestOf("of another that holds, after the clock was set back") },
        ]),
    ).toBe(true);
  });

  it("is none where nothing was recorded, or all of it was undone", () => {
    const empty = new OpenBlock(seal, head);
    expect(empty.close(() => true)).toBeNull();
    const undone = new OpenBlock(seal, head);
    undone.take(parameters(5000, "one"), 0);
    expect(undone.close(() => false)).toBeNull();
  });
});
