import { getEventListeners } from "node:events";
import { readFileSync } from "node:fs";
import { describe, expect, it, vi } from "vitest";
import { sinceBootMs } from "./time/boot-moment.ts";
import { sleep, systemClock } from "./clock.ts";
import { createManualClock } from "./manual-clock.ts";

describe("systemClock", () => {
  it("does not fire a timer of 60 days at once", () => {
    vi.useFakeTimers();
    try {
      const sixtyDays = 60 * 86_400_000;
      let fired = 0;
      systemClock.setTimer(systemClock.now() + sixtyDays, () => (fired += 1));
      vi.advanceTimersByTime(sixtyDays - 1);
      expect(fired).toBe(0);
      vi.advanceTimersByTime(2);
      expect(fired).toBe(1);
    } finally {
      vi.useRealTimers();
    }
  });

  it.each([-100, 100])(
    "keeps the length of a timer of 60 days when the wall clock is set by %i days",
    (days) => {
      vi.useFakeTimers();
      try {
        const day = 86_400_000;
        let fired = false;
        systemClock.setTimer(systemClock.now() + 60 * day, () => (fired = true));
        vi.setSystemTime(systemClock.now() + days * day);
        vi.advanceTimersByTime(60 * day - 1);
        expect(fired).toBe(false);
        vi.advanceTimersByTime(2);
        expect(fired).toBe(true);
      } finally {
        vi.useRealTimers();
      }
    },
  );

  it("never fires early", async () => {
    const lengths = await Promise.all(
      [1, 2, 5, 9].map(async (ms) => {
        const from = systemClock.monotonic();
        await sleep(ms);
        return systemClock.monotonic() - from - ms;
      }),
    );
    expect(Math.min(...lengths)).toBeGreaterThanOrEqual(-1);
  });

  it("warns of a timer that throws, calls it again until it returns, and not once it is cancelled", () => {
    vi.useFakeTimers();
    const warn = vi.spyOn(process, "emitWarning").mockImplementation(() => undefined);
    try {
      let calls = 0;
      const cleanUp = (): void => {
        calls += 1;
        if (calls < 3) throw new Error("EMFILE");
      };
      systemClock.setTimer(systemClock.now() + 10, cleanUp);
      const cancel = systemClock.setTimer(systemClock.now() + 10, () => {
        throw new Error("always");
      });
      vi.advanceTimersByTime(500);
      cancel();
      vi.advanceTimersByTime(60_000);
      expect([calls, warn.mock.calls.length]).toEqual([3, 3]);
    } finally {
      warn.mockRestore();
      vi.useRealTimers();
    }
  });

  it("does not call again a timer that cancelled itself before it threw", () => {
    vi.useFakeTimers();
    const warn = vi.spyOn(process, "emitWarning").mockImplementation(() => undefined);
    try {
      let calls = 0;
      const cancel = systemClock.setTimer(systemClock.now() + 10, () => {
        calls += 1;
        cancel();
        throw new Error("no");
      });
      vi.advanceTimersByTime(60_000);
      expect(calls).toBe(1);
    } finally {
      warn.mockRestore();
      vi.useRealTimers();
    }
  });

  it("does not fire a cancelled timer", () => {
    vi.useFakeTimers();
    try {
      let fired = false;
      const cancel = systemClock.setTimer(systemClock.now() + 10, () => (fired = true));
      cancel();
      cancel();
      vi.advanceTimersByTime(100);
      expect(fired).toBe(false);
    } finally {
      vi.useRealTimers();
    }
  });
});

it("counts from the start of the host", () => {
  const uptime = Number(readFileSync("/proc/uptime", "utf8").split(" ")[0]) * 1000;
  expect(Math.abs(sinceBootMs() - uptime)).toBeLessThan(5000);
});

describe("sleep", () => {
  it("ends in time, and lets go of the signal", async () => {
    const clock = createManualClock();
    const stop = new AbortController();
    const asleep = sleep(1000, { clock, signal: stop.signal });
    clock.advance(1000);
    await asleep;
    expect(getEventListeners(stop.signal, "abort")).toEqual([]);
  });

  it("rejects with the signal's reason and leaves no timer behind", async () => {
    const clock = createManualClock();
    const stop = new AbortController();
    const asleep = sleep(1000, { clock, signal: stop.signal });
    stop.abort(new Error("enough"));
    await expect(asleep).rejects.toThrow("enough");
    expect(clock.pending).toBe(0);
  });

  it("does not begin when the signal was aborted before", async () => {
    const clock = createManualClock();
    await expect(sleep(1000, { clock, signal: AbortSignal.abort(new Error("gone")) })).rejects.toThrow(
      "gone",
    );
    expect(clock.pending).toBe(0);
  });
});

describe("createManualClock", () => {
  it("fires in the order of time, each at its own time", () => {
    const clock = createManualClock(1000);
    const seen: [string, number][] = [];
    clock.setTimer(1300, () => seen.push(["late", clock.now()]));
    clock.setTimer(1100, () => {
      seen.push(["early", clock.now()]);
      clock.setTimer(1200, () => seen.push(["inner", clock.now()]));
    });
    clock.advance(500);
    expect(seen).toEqual([
      ["early", 1100],
      ["inner", 1200],
      ["late", 1300],
    ]);
    expect(clock.now()).toBe(1500);
  });

  it("ABUSE 8, 24: keeps a timer's length over a step of the wall clock", () => {
    const clock = createManualClock(0);
    let fired = false;
    clock.setTimer(100, () => (fired = true));
    clock.step(86_400_000);
    clock.advance(99);
    expect(fired).toBe(false);
    clock.advance(1);
    expect(fired).toBe(true);
    expect(clock.monotonic()).toBe(100);
  });
});
