import { expect, it } from "vitest";
import { serverAudit } from "../../test/support/sample-audit.ts";
import { until } from "../../test/support/until.ts";
import { createManualClock } from "../lib/manual-clock.ts";
import { keepTrailShort } from "./retention.ts";

const HOUR_MS = 3_600_000;

it("cuts what is too old a while after the start and then every few hours, also after a cut that failed", async () => {
  const clock = createManualClock();
  const began = clock.now();
  const cuts: number[] = [];
  const reports: string[] = [];
  const kept = keepTrailShort({
    audit: {
      ...serverAudit,
      cut(before) {
        cuts.push(before - began);
        return cuts.length === 1 ? Promise.reject(new Error("no database")) : Promise.resolve([]);
      },
    },
    around: () => Promise.resolve({ before: began, after: null }),
    keepForMs: 24 * HOUR_MS,
    clock,
    report: (what) => void reports.push(what),
  });
  expect(cuts).toEqual([]);
  clock.advance(60_000);
  await until(() => clock.pending === 1, { what: "the timer of the next cut" });
  expect(reports).toEqual(["Cannot cut the audit trail by its age"]);
  clock.advance(6 * HOUR_MS);
  await until(() => clock.pending === 1, { what: "the timer of the one after it" });
  expect(cuts).toEqual([60_000 - 24 * HOUR_MS, 60_000 - 18 * HOUR_MS]);
  await kept[Symbol.asyncDispose]();
  clock.advance(100 * HOUR_MS);
  expect(cuts).toHaveLength(2);
});

it("does not cut behind a gap as a clock leaves that is years ahead, and says once what to do", async () => {
  const clock = createManualClock();
  const [day, began] = [24 * HOUR_MS, clock.now()];
  const trail: number[] = [began - 400 * day, began - day];
  const cuts: number[] = [];
  const reports: string[] = [];
  const kept = keepTrailShort({
    audit: { ...serverAudit, cut: (before) => Promise.resolve([void cuts.push(before)].flatMap(() => [])) },
    around: (at) =>
      Promise.resolve({
        before: trail.filter((one) => one < at).at(-1) ?? null,
        after: trail.find((one) => one >= at) ?? null,
      }),
    keepForMs: 10 * day,
    clock,
    report: (_what, error) => void reports.push(String(error)),
  });
  const next = async (ms: number): Promise<void> => {
    clock.advance(ms);
    await until(() => clock.pending === 1, { what: "the timer of the next cut" });
  };
  await next(60_000);
  await next(6 * HOUR_MS);
  expect([cuts, reports]).toEqual([[], [expect.stringContaining("berth audit cut --before") as string]]);
  // Somebody has cut it by hand.
  trail.shift();
  await next(6 * HOUR_MS);
  expect(cuts).toHaveLength(1);
  // So many days between two records are usual where little happens.
  trail.unshift(began - 31 * day);
  await next(6 * HOUR_MS);
  expect(cuts).toHaveLength(2);
  await kept[Symbol.asyncDispose]();
});
