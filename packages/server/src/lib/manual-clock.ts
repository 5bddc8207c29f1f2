import type { Clock } from "./clock.ts";

/** A clock for tests: stands still until it is told. */
export interface ManualClock extends Clock {
  /** Lets `ms` pass: fires what falls due, in order, each at its own time. */
  advance(ms: number): void;
  /** Sets the host's clock forward or back: no time passes and no timer moves. */
  step(ms: number): void;
  /** Timers that have neither fired nor been cancelled. */
  readonly pending: number;
}

export function createManualClock(startMs = 1_700_000_000_000): ManualClock {
  let wall = startMs;
  let elapsed = 0;
  const timers = new Set<{ dueAt: number; fire: () => void }>();

  function nextDue(until: number): { dueAt: number; fire: () => void } | undefined {
    return [...timers].filter((timer) => timer.dueAt <= until).sort((a, b) => a.dueAt - b.dueAt)[0];
  }
  function moveTo(target: number): void {
    wall += target - elapsed;
    elapsed = target;
  }

  return {
    now: () => wall,
    monotonic: () => elapsed,
    sinceBoot: () => ({ boot: "manual", ms: elapsed }),
    setTimer(atMs, fire) {
      const timer = { dueAt: elapsed + Math.max(atMs - wall, 0), fire };
      timers.add(timer);
      return () => void timers.delete(timer);
    },
    advance(ms) {
      const target = elapsed + ms;
      for (let due = nextDue(target); due !== undefined; due = nextDue(target)) {
        timers.delete(due);
        moveTo(Math.max(due.dueAt, elapsed));
        due.fire();
      }
      moveTo(target);
    },
    step(ms) {
      wall += ms;
    },
    get pending() {
      return timers.size;
    },
  };
}
