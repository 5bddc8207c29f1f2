import { truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { tempFolder } from "../../../test/support/temp-folder.ts";
import { BlockReader, type HeldBytes } from "./block-reader.ts";

const size = 24 * 2 ** 20;

it("reads by little until its reader has taken more than a kernel keeps for one that never reads", async () => {
  await using folder = tempFolder();
  const path = join(folder.path, "stdout");
  writeFileSync(path, "");
  truncateSync(path, size);
  using reader = new BlockReader(path);
  const blocks: { from: number; bytes: number }[] = [];
  for (let from = 0; from < size; ) {
    await reader.load(from, size - from);
    const { data, release } = reader.take(from, size) ?? { data: [], release: () => undefined };
    blocks.push({ from, bytes: data.length });
    from += data.length;
    release();
  }
  const largest = (some: typeof blocks): number => Math.max(...some.map(({ bytes }) => bytes));
  expect(largest(blocks.filter(({ from }) => from < 8 * 2 ** 20))).toBe(64 * 1024);
  expect(largest(blocks)).toBeGreaterThan(64 * 1024);
});

/** Reads all of a file in which each byte tells its place, letting go of a block when so many more were read. */
async function readOn(
  path: string,
  heldBlocks: number,
): Promise<{ memories: Set<unknown>; isWhole: boolean }> {
  using reader = new BlockReader(path);
  const held: (HeldBytes & { from: number })[] = [];
  const memories = new Set<unknown>();
  let isWhole = true;
  const letGo = ({ from, data, release }: (typeof held)[number]): void => {
    isWhole &&= Buffer.compare(data, placed.subarray(from, from + data.length)) === 0;
    release();
  };
  for (let from = 0; from < size; ) {
    await reader.load(from, size - from);
    const taken = reader.take(from, size);
    if (!taken) throw new Error(`Nothing was read at ${from}`);
    memories.add(taken.data.buffer);
    held.push({ ...taken, from });
    from += taken.data.length;
    if (held.length > heldBlocks) held.splice(0, 1).forEach(letGo);
  }
  held.forEach(letGo);
  return { memories, isWhole };
}

const placed = Buffer.alloc(size);
for (let at = 0; at < size; at += 4) placed.writeUInt32LE(at, at);

it("reads into the same two blocks, where each is let go of when the next one is there", async () => {
  await using folder = tempFolder();
  const path = join(folder.path, "stdout");
  writeFileSync(path, placed);
  const { memories, isWhole } = await readOn(path, 1);
  expect(isWhole).toBe(true);
  // Two of each size on the way to the largest.
  expect(memories.size).toBeLessThanOrEqual(8);
});

it("leaves what somebody still holds as it is", async () => {
  await using folder = tempFolder();
  const path = join(folder.path, "stdout");
  writeFileSync(path, placed);
  expect((await readOn(path, Number.POSITIVE_INFINITY)).isWhole).toBe(true);
});
