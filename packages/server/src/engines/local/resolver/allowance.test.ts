import { expect, it } from "vitest";
import { createManualClock } from "../../../lib/manual-clock.ts";
import { Allowance } from "./allowance.ts";

it("lets pass what was saved up, then so much in a second, and never saves up more", () => {
  const clock = createManualClock();
  const allowance = new Allowance({ perSecond: 200, most: 400, clock });
  const passed = (tries: number): number =>
    Array.from({ length: tries }, () => allowance.take()).filter(Boolean).length;
  expect(passed(1000)).toBe(400);
  clock.advance(10);
  expect(passed(1000)).toBe(2);
  clock.advance(1000);
  expect(passed(1000)).toBe(200);
  clock.advance(3_600_000);
  expect(passed(1000)).toBe(400);
});
