import { expect, it } from "vitest";
import { nextTryMs, retryAfterMs } from "./next-try.ts";

it("waits longer after each failure, a little differently each time, and gives up in the end", () => {
  const waits = (random: number) =>
    Array.from({ length: 8 }, (_, n) => nextTryMs(n + 1, { random: () => random }));
  const seconds = [5, 30, 120, 600, 3600, 21_600, 86_400];
  expect(waits(0)).toEqual([...seconds.map((s) => s * 1000), null]);
  expect(waits(1)).toEqual([...seconds.map((s) => s * 1200), null]);
});

it("waits as long as the receiver asks, never less than it would, and a day at most", () => {
  const random = (): number => 0;
  expect(nextTryMs(1, { askedMs: 90_000, random })).toBe(90_000);
  expect(nextTryMs(3, { askedMs: 90_000, random })).toBe(120_000);
  expect(nextTryMs(1, { askedMs: 1e12, random })).toBe(86_400_000);
  expect(nextTryMs(8, { askedMs: 90_000, random })).toBeNull();
});

it.each([
  ["120", 120_000],
  [" 7 ", 7000],
  ["Thu, 01 Jan 1970 00:01:00 GMT", 59_000],
  ["Thu, 01 Jan 1970 00:00:00 GMT", 0],
  ["-5", null],
  ["1e9", null],
  ["99999999999999", null],
  ["soon", null],
  [undefined, null],
])("reads Retry-After %j as %j", (header, ms) => {
  expect(retryAfterMs(header, 1000)).toBe(ms);
});
