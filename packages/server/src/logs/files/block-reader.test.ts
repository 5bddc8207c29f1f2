import { truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { tempFolder } from "../../../test/support/temp-folder.ts";
import { BlockReader } from "./block-reader.ts";

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
