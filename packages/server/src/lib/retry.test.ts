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

describe("retry", () => {
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
