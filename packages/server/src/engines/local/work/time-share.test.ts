import { expect, it } from "vitest";
import { TimeShare } from "./time-share.ts";

/** Keeps the thread busy, as a task that works does. */
function workFor(ms: number): void {
  for (const until = performance.now() + ms; performance.now() < until; );
}

it("gives a task that has had all its time none any more, however little it works from then on", async () => {
  const share = new TimeShare(20);
  let turns = 0;
  for (; await share.next(); turns += 1) workFor(6);
  expect(turns).toBeGreaterThan(0);
  expect([await share.next(), await share.next()]).toEqual([false, false]);
});

it("lets a task go on that has no bound", async () => {
  const share = new TimeShare(Number.POSITIVE_INFINITY);
  workFor(6);
  expect([await share.next(), await share.next()]).toEqual([true, true]);
});
