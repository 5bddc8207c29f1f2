import { describe, expect, it } from "vitest";
import { type Block, blockHash, digestOf, isSealed, newSeal, noHash, sealOf } from "./chain.ts";

const seal = sealOf("the chain", Buffer.alloc(32, 7));
const block: Omit<Block, "hash"> = {
  chain: seal.chain,
  seq: 3,
  keyId: seal.keyId,
  firstAt: 1000,
  at: 2000,
  count: 2,
  prev: digestOf("the block before"),
};
const records = [
  { n: 1, digest: digestOf("one") },
  { n: 2, digest: digestOf("two") },
];
const sealed: Block = { ...block, hash: blockHash(seal.key, block, records) };

it("names a key by what tells nothing of it, and always by the same", () => {
  expect(seal.keyId).toMatch(/^[0-9a-f]{16}$/);
  expect(sealOf("another chain", Buffer.alloc(32, 7)).keyId).toBe(seal.keyId);
  expect(sealOf("the chain", Buffer.alloc(32, 8)).keyId).not.toBe(seal.keyId);
  expect(seal).toEqual({ chain: "the chain", keyId: "9f38c9a1e189d1fa", key: Buffer.alloc(32, 7) });
});

it("begins each chain under a name and a key of its own", () => {
  const [one, two] = [newSeal(), newSeal()];
  expect(one.chain).not.toBe(two.chain);
  expect(one.keyId).not.toBe(two.keyId);
  expect(one.key).toHaveLength(32);
});

it("knows the end of nothing by a hash that no block has", () => {
  expect(noHash).toMatch(/^0{64}$/);
});

// Servers that run now must verify what was stored before: what is hashed may not change.
it("seals as it always did", () => {
  expect(digestOf("one")).toBe("7692c3ad3540bb803c020b3aee66cd8887123234ea0c6e7143c0add73ff431ed");
  expect(sealed.hash).toBe("558e09d74e779f57bdbe02059e421daaba971928f6bba7e66e06ef576707457b");
});

describe("a seal", () => {
  it("holds over what was sealed", () => {
    expect(isSealed(seal.key, sealed, records)).toBe(true);
  });

  it.each<[string, Partial<Block>]>([
    ["its chain", { chain: "another" }],
    ["its number", { seq: 4 }],
    ["the name of its key", { keyId: "0000000000000000" }],
    ["the time of its first record", { firstAt: 1001 }],
    ["the time of its last record", { at: 2001 }],
    ["how many records it has", { count: 3 }],
    ["the block that it follows", { prev: noHash }],
    ["the seal itself", { hash: noHash }],
    ["the length of the seal", { hash: sealed.hash.slice(0, 63) }],
  ])("breaks with %s", (_what, change) => {
    expect(isSealed(seal.key, { ...sealed, ...change }, records)).toBe(false);
  });

  it.each([
    ["the text of a record", [records[0], { n: 2, digest: digestOf("two!") }]],
    ["the number of a record", [records[0], { n: 3, digest: digestOf("two") }]],
    ["the order of records", [records[1], records[0]]],
    ["a record that is gone", [records[0]]],
    ["a record too many", [...records, { n: 3, digest: digestOf("three") }]],
  ])("breaks with %s", (_what, changed) => {
    expect(
      isSealed(
        seal.key,
        sealed,
        changed.filter((one) => one !== undefined),
      ),
    ).toBe(false);
  });

  it("breaks under another key", () => {
    expect(isSealed(Buffer.alloc(32, 8), sealed, records)).toBe(false);
  });
});
