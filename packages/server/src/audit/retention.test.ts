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
    keepForMs: 24 * HOUR_MS,
    clock,
    report: (what) => void reports.push(what),
  });
  expect(cuts).toEqual([]);
  clock.advance(60_000);
  await until(() => clock.pending === 1, { what: "the timer of the next cut" });
  expect(reports).toEqual(["Cannot cut the audit trail by its age"]);
  clock.advance(6 * HOUR_MS);
  expect(cuts).toEqual([60_000 - 24 * HOUR_MS, 60_000 - 18 * HOUR_MS]);
  await kept[Symbol.asyncDispose]();
  clock.advance(100 * HOUR_MS);
  expect(cuts).toHaveLength(2);
});
