import { expect, it } from "vitest";
import { mergeWindowMs, spacingMs } from "./coalescing.ts";

it.each([
  [0, 100, 0],
  [8191, 100, 0],
  [8192, 200, 10],
  [16_383, 200, 10],
  [16_384, 400, 20],
  [7 * 8192, 12_800, 640],
  [8 * 8192, 25_600, 1000],
  [12 * 8192, 409_600, 1000],
])("after %i records growth of %i ms is one, and the next comes %i ms later", (count, window, spacing) => {
  expect([mergeWindowMs(count), spacingMs(count)]).toEqual([window, spacing]);
});
