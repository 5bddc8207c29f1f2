import { expect, it } from "vitest";
import { IdRanges, RANGE_SIZE, userOf } from "./id-range.ts";

it("gives no two places ids in common, and first those that came free", () => {
  const ranges = new IdRanges("/var/lib/berth");
  const [a, b, c] = [ranges.take(), ranges.take(), ranges.take()];
  expect(new Set([a, b, c].map(({ first }) => Math.floor(first / RANGE_SIZE))).size).toBe(3);
  ranges.release(b);
  expect(ranges.take()).toEqual(b);
  expect(ranges.take()).not.toEqual(b);
});

it("leaves out those of jobs that another server has begun", () => {
  const first = new IdRanges("/srv").take();
  const next = new IdRanges("/srv");
  next.reserve(first);
  expect(next.take()).not.toEqual(first);
});

it("stays among the ids that belong to nobody, and refuses when all are taken", () => {
  const ranges = new IdRanges("/");
  const all = Array.from({ length: 4096 }, () => userOf(ranges.take()));
  expect(Math.min(...all)).toBe(0x70000000 + 1000);
  expect(Math.max(...all)).toBeLessThan(0x80000000);
  expect(() => ranges.take()).toThrow("all 4096 ranges");
});
