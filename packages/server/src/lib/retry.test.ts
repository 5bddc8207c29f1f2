import { describe, expect, it } from "vitest";
import { createManualClock } from "./manual-clock.ts";
import { backoffMs, retry } from "./retry.ts";

const signal = new AbortController().signal;

describe("backoffMs", () => {
  it.each([
    [1, 0, 50],
    [1, 1, 100],
    [2, 1, 200],
    [3, 0, 200],
    [20, 1, 30_000],
    [2000, 1, 30_000],
  ])("after %i failures and a draw of %d waits %i ms", (failures, draw, ms) => {
    expect(backoffMs(failures, { random: () => draw })).toBe(ms);
  });
});

it("backoffMs draws by itself, and takes other bounds", () => {
  const waits = Array.from({ length: 200 }, () => backoffMs(1));
  expect(Math.min(...waits)).toBeGreaterThanOrEqual(50);
  expect(Math.max(...waits)).toBeLessThanOrEqual(100);
  expect(new Set(waits).size).toBeGreaterThan(5);
  expect(backoffMs(0, { random: () => 1 })).toBe(100);
  expect(backoffMs(3, { baseMs: 10, maxMs: 25, random: () => 1 })).toBe(25);
});

describe("retry", () => {
  it("tries five times unless told otherwise", async () => {
    let tries = 0;
    const work = (): Promise<never> => Promise.reject(new Error(`try ${++tries}`));
    await expect(retry(work, { signal, baseMs: 0 })).rejects.toThrow("try 5");
  });

  it("asks of each error whether it may go away", async () => {
    const errors: unknown[] = [];
    const work = (attempt: number): Promise<never> => Promise.reject(new Error(`try ${attempt}`));
    const retryable = (error: unknown): boolean => errors.push(error) < 2;
    await expect(retry(work, { signal, baseMs: 0, retryable })).rejects.toThrow("try 2");
    expect(errors).toMatchObject([{ message: "try 1" }, { message: "try 2" }]);
  });

  it("does not begin when the signal was aborted before", async () => {
    let tries = 0;
    const work = async (): Promise<number> => ++tries;
    await expect(retry(work, { signal: AbortSignal.abort(new Error("over")) })).rejects.toThrow("over");
    expect(tries).toBe(0);
  });

  it("waits longer after each failure until the work succeeds", async () => {
    const clock = createManualClock(0);
    const tries: number[] = [];
    const work = async (attempt: number): Promise<string> => {
      tries.push(clock.now());
      if (attempt < 4) throw new Error("not yet");
      return "done";
    };
    const outcome = retry(work, { signal, clock, random: () => 1 });
    for (let i = 0; i < 3; i += 1) {
      await new Promise(setImmediate);
      clock.advance(100 * 2 ** i);
    }
    expect(await outcome).toBe("done");
    expect(tries).toEqual([0, 100, 300, 700]);
  });

  it("throws the last error when the attempts are used up", async () => {
    let tries = 0;
    const work = (): Promise<never> => Promise.reject(new Error(`try ${++tries}`));
    await expect(retry(work, { signal, attempts: 3, baseMs: 0 })).rejects.toThrow("try 3");
  });

  it("does not repeat what cannot be mended", async () => {
    let tries = 0;
    const work = (): Promise<never> => Promise.reject(new Error(`try ${++tries}`));
    await expect(retry(work, { signal, retryable: () => false })).rejects.toThrow("try 1");
  });

  it("gives the signal's reason for work that failed because of it", async () => {
    const stop = new AbortController();
    const work = async (): Promise<never> => {
      stop.abort(new Error("shutting down"));
      throw new Error("connection lost");
    };
    await expect(retry(work, { signal: stop.signal, retryable: () => false })).rejects.toThrow(
      "shutting down",
    );
  });

  it("stops waiting with the signal's reason", async () => {
    const stop = new AbortController();
    const clock = createManualClock();
    const outcome = retry(() => Promise.reject(new Error("no")), { signal: stop.signal, clock });
    await new Promise(setImmediate);
    stop.abort(new Error("shutting down"));
    await expect(outcome).rejects.toThrow("shutting down");
  });
});
