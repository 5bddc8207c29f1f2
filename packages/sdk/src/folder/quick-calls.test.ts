import { expect, it } from "vitest";
import { answers } from "./quick-calls.ts";

/** A disk that takes so long for each answer; counts how many it is asked for at once. */
function disk(ms: number) {
  const seen = { now: 0, later: 0, most: 0 };
  let open = 0;
  const call = (value: number) => ({
    now() {
      seen.now += 1;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
      return value;
    },
    async later() {
      seen.later += 1;
      seen.most = Math.max(seen.most, (open += 1));
      await Promise.resolve();
      open -= 1;
      return value;
    },
  });
  return { seen, calls: [0, 1, 2, 3, 4].map(call) };
}

it("asks a disk that is slow for all the rest side by side, and keeps the order", async () => {
  const { seen, calls } = disk(20);
  expect(await answers(calls)).toEqual([0, 1, 2, 3, 4]);
  expect(seen).toEqual({ now: 1, later: 4, most: 4 });
});

it("throws the first failure, wherever it is asked", async () => {
  const failing = (value: number) => ({
    now: () => {
      throw new Error(`now ${value}`);
    },
    later: () => Promise.reject(new Error(`later ${value}`)),
  });
  await expect(answers([failing(1), failing(2)])).rejects.toThrow("now 1");
  const { calls } = disk(20);
  await expect(answers([...calls, failing(1), failing(2)])).rejects.toThrow("later 1");
});

it("has nothing to ask", async () => {
  expect(await answers([])).toEqual([]);
});
