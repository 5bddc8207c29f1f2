import { describe, expect, it } from "vitest";
import { createManualClock } from "../../lib/manual-clock.ts";
import { SweepPace } from "./sweep-pace.ts";

const hour = 3600_000;

async function open(keepJobsMs: number) {
  const clock = createManualClock(0);
  const pace = new SweepPace({ clock, keepJobsMs, keepOutputBytes: 1000 });
  const controller = new AbortController();
  let turns = 0;
  const turn = async (): Promise<void> => {
    while (!controller.signal.aborted) {
      await pace.next(controller.signal);
      turns += 1;
    }
  };
  const turning = turn();
  const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  return { clock, pace, controller, turning, settle, turns: () => turns };
}

describe("looking for what is too old or too much", () => {
  it.each([
    [7 * 24 * hour, 600_000],
    [5000, 1000],
    [100_000, 10_000],
  ])("with jobs kept for %i ms happens every %i ms", async (keepJobsMs, everyMs) => {
    const { clock, turns, settle, controller, turning } = await open(keepJobsMs);
    clock.advance(everyMs - 1);
    await settle();
    expect(turns()).toBe(0);
    clock.advance(2);
    await settle();
    expect(turns()).toBe(1);
    controller.abort();
    await turning;
    expect(clock.pending).toBe(0);
  });

  it("happens earlier once jobs have left a tenth of what may be kept", async () => {
    const { pace, turns, settle, controller, turning } = await open(hour);
    pace.note(60);
    await settle();
    expect(turns()).toBe(0);
    pace.note(60);
    await settle();
    expect(turns()).toBe(1);
    pace.note(60);
    await settle();
    expect(turns()).toBe(1);
    controller.abort();
    await turning;
  });
});
