import { randomBytes } from "node:crypto";
import { expect, it } from "vitest";
import { GatheredBlocks } from "./gathered-blocks.ts";

it("gives back what it was given, whatever the sizes of its chunks", () => {
  const bytes = randomBytes(2 ** 20);
  const sizes = [1, 70_000, 3, 16_383, 16_384, 0, 40_000, 1, 1, 65_536, 50_000];
  const gathered = new GatheredBlocks();
  const taken: Uint8Array[] = [];
  let at = 0;
  for (let n = 0; at < bytes.length; n += 1) {
    const chunk = bytes.subarray(at, at + (sizes[n % sizes.length] ?? 1));
    gathered.add(chunk);
    at += chunk.length;
    if (n % 17 === 0) taken.push(...gathered.take());
  }
  taken.push(...gathered.take());
  expect(gathered.bytes).toBe(0);
  expect(Buffer.concat(taken).equals(bytes)).toBe(true);
});

it("does not hold on to the memory that each tiny chunk came in", () => {
  const gathered = new GatheredBlocks();
  // As they come from a socket: each the first byte of a buffer of its own.
  for (let n = 0; n < 10_000; n += 1) gathered.add(Buffer.alloc(2 ** 16).subarray(0, 1));
  const held = new Set(gathered.take().map(({ buffer }) => buffer));
  const bytes = [...held].reduce((sum, { byteLength }) => sum + byteLength, 0);
  expect(bytes).toBeLessThanOrEqual(2 ** 16);
});
