import { expect, it } from "vitest";
import { leaveGarbage } from "./young-garbage.ts";

it("keeps what has come and gone from piling up outside of the heap", () => {
  const piece = 2 ** 16;
  const before = process.memoryUsage().arrayBuffers;
  let most = 0;
  // As much as an upload of 256 MiB.
  for (let n = 0; n < 4096; n += 1) {
    Buffer.allocUnsafeSlow(piece).fill(1, 0, 1);
    leaveGarbage(piece);
    most = Math.max(most, process.memoryUsage().arrayBuffers - before);
  }
  expect(most).toBeLessThan(24 * 2 ** 20);
});
