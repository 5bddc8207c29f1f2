import { expect, it, vi } from "vitest";
import { Fence } from "./fence.ts";

function fenceOf(holdsMs: number | null) {
  const time = { elapsed: 1000, date: 50_000 };
  const fence = new Fence({ holdsMs, clocks: { elapsed: () => time.elapsed, date: () => time.date } });
  const pass = (ms: number): void => {
    time.elapsed += ms;
    time.date += ms;
  };
  return { fence, time, pass };
}

it("shuts when it was not confirmed for its time, counted from the question, and says so before the look returns", () => {
  const { fence, pass } = fenceOf(6000);
  using _ = fence;
  let shut = 0;
  fence.onShut(() => (shut += 1));
  pass(2000);
  const askedAt = fence.now();
  pass(3000);
  fence.confirm(askedAt);
  pass(2999);
  expect([fence.look(), shut]).toEqual([false, 0]);
  pass(1);
  expect([fence.look(), shut, fence.look(), shut]).toEqual([true, 1, true, 1]);
  fence.confirm(fence.now());
  expect(fence.look()).toBe(false);
});

it("stays shut by an answer that came too late, and for good once it is told so", () => {
  const { fence, pass } = fenceOf(6000);
  using _ = fence;
  const askedAt = fence.now();
  pass(7000);
  fence.confirm(askedAt);
  expect(fence.look()).toBe(true);
  fence.confirm(fence.now());
  expect(fence.look()).toBe(false);
  fence.shutForGood();
  fence.confirm(fence.now());
  expect(fence.look()).toBe(true);
});

it("goes by whichever clock says more, and by no step back of the other", () => {
  const { fence, time } = fenceOf(6000);
  using _ = fence;
  time.date -= 3_600_000;
  time.elapsed += 5999;
  expect(fence.look()).toBe(false);
  time.elapsed += 1;
  expect(fence.look()).toBe(true);
  fence.confirm(fence.now());
  time.date += 6000;
  expect(fence.look()).toBe(true);
});

it("shuts by itself where nobody looks, and never without a time", async () => {
  using fence = new Fence({ holdsMs: 30 });
  const shut = Promise.withResolvers<void>();
  fence.onShut(() => shut.resolve());
  await shut.promise;
  vi.useFakeTimers();
  using other = new Fence({ holdsMs: null });
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
  expect(other.look()).toBe(false);
});
