import { describe, expect, it } from "vitest";
import { type Block, type ChainHead, sealOf } from "./chain.ts";
import { type CheckedPage, checkBlocks } from "./check-blocks.ts";
import { OpenBlock } from "./open-block.ts";

const seal = sealOf("the chain", Buffer.alloc(32, 7));

type Records = { seq: number; n: number; text: string; isAsWritten: boolean }[];

/** Blocks that follow each other, of so many records each. */
function chainOf(counts: readonly number[]): { blocks: Block[]; records: Records } {
  const blocks: Block[] = [];
  const records: Records = [];
  let head: ChainHead | null = null;
  for (const count of counts) {
    const open: OpenBlock = new OpenBlock(seal, head);
    for (let index = 1; index <= count; index += 1) {
      const text = `record ${index} after ${blocks.length} blocks`;
      const [, seq, n] = open.take(["", 0, 0, 1000 * index, text], 0);
      records.push({ seq: Number(seq), n: Number(n), text, isAsWritten: true });
    }
    const block = open.close(() => true);
    if (block === null) throw new Error("A block has records");
    blocks.push(block);
    head = block;
  }
  return { blocks, records };
}

function check(page: Partial<CheckedPage>): [string, number, string][] {
  const keyOf = (keyId: string): Uint8Array | null => (keyId === seal.keyId ? seal.key : null);
  const problems = checkBlocks({
    chain: seal.chain,
    blocks: [],
    records: [],
    before: { seq: 0, hash: "0".repeat(64) },
    keyOf,
    ...page,
  });
  expect(problems.every(({ chain }) => chain === seal.chain)).toBe(true);
  return problems.map(({ kind, seq, message }) => [kind, seq, message]);
}

describe("a chain", () => {
  const { blocks, records } = chainOf([2, 1, 3]);
  const ofSeq = (seq: number): Records => records.filter((one) => one.seq === seq);

  it("that is as it was stored has nothing wrong", () => {
    expect(check({ blocks, records })).toEqual([]);
  });

  it("is read in parts, each behind the one before", () => {
    expect(check({ blocks: blocks.slice(1), records: records.slice(2), before: blocks[0] ?? null })).toEqual(
      [],
    );
    expect(check({ blocks: blocks.slice(1), records: records.slice(2), before: null })).toEqual([]);
  });

  it("lacks blocks, and says which", () => {
    expect(check({ blocks: blocks.slice(2), records: ofSeq(3) })).toEqual([
      ["missing", 3, "Blocks 1 to 2 are missing"],
    ]);
    expect(
      check({ blocks: blocks.filter(({ seq }) => seq !== 2), records: [...ofSeq(1), ...ofSeq(3)] }),
    ).toEqual([["missing", 3, "Block 2 is missing"]]);
  });

  it("has a block whose records were changed, taken away or added", () => {
    const changed = records.map((one) => (one.seq === 2 ? { ...one, text: "something else" } : one));
    expect(check({ blocks, records: changed })).toEqual([
      ["changed", 2, "Block 2 or one of its 1 records was changed"],
    ]);
    expect(check({ blocks, records: records.slice(1) })).toEqual([
      ["missing", 1, "Block 1 has 1 of its 2 records"],
    ]);
    const added = [...records, { seq: 3, n: 4, text: "one more", isAsWritten: true }];
    expect(check({ blocks, records: added })).toEqual([
      ["added", 3, "Block 3 has 4 records, and was stored with 3"],
    ]);
  });

  it("has records where there is no block", () => {
    const added = [...records, ...["a", "b"].map((text, n) => ({ seq: 9, n, text, isAsWritten: true }))];
    expect(check({ blocks, records: added })).toEqual([
      ["added", 9, "2 records lie at 9, where there is no block"],
    ]);
  });

  it("has a record whose columns say something else than its text", () => {
    const other = records.map((one, index) => ({ ...one, isAsWritten: index !== 4 }));
    expect(check({ blocks, records: other })).toEqual([
      ["changed", 3, "Block 3: the columns of a record do not say what its text says"],
    ]);
  });

  it("does not go on where another chain was put behind a block", () => {
    const other = chainOf([1, 1, 1]);
    const [first] = blocks;
    const grafted = [first, ...other.blocks.slice(1)].filter((block) => block !== undefined);
    expect(check({ blocks: grafted, records: [...ofSeq(1), ...other.records.slice(1)] })).toEqual([
      ["changed", 2, "Block 2 does not follow block 1 as it is now"],
    ]);
  });

  it("is sealed with a key that is not here", () => {
    expect(check({ blocks: blocks.slice(0, 1), records: ofSeq(1), keyOf: () => null })).toEqual([
      ["unknown_key", 1, `Block 1 is sealed with key ${seal.keyId}, which is not here`],
    ]);
  });
});
