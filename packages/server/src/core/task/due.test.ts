import { expect, it } from "vitest";
import { cadenceOfStored } from "../../lib/text/cron.ts";
import { stepsDue } from "./due.ts";

const at = (text: string): number => Date.parse(`2026-05-01T${text}Z`);
const cadence = cadenceOfStored({ cron: "*/10 * * * *", zone: "UTC" }, at("00:00"));
if (cadence === null) throw new Error("it is one");

function due(catchUp: "skip" | "latest" | "all", nextAt: string, now: string) {
  if (cadence === null) return [];
  return stepsDue({ cadence, nextAt: at(nextAt), now: at(now), catchUp }).map((step) => [
    new Date(step.dueAt).toISOString().slice(11, 16),
    step.runs ? "runs" : "skips",
    step.missed,
    step.nextAt === null ? null : new Date(step.nextAt).toISOString().slice(11, 16),
  ]);
}

it.each(["skip", "latest", "all"] as const)("runs what is due now, where missed ones are: %s", (catchUp) => {
  expect(due(catchUp, "00:10", "00:10")).toEqual([["00:10", "runs", 0, "00:20"]]);
  expect(due(catchUp, "00:10", "00:10:59")).toEqual([["00:10", "runs", 0, "00:20"]]);
  expect(due(catchUp, "00:20", "00:19:59.999")).toEqual([]);
});

it.each([
  // A server that was down over three of them.
  ["skip", "00:35", [["00:30", "skips", 2, "00:40"]]],
  ["latest", "00:35", [["00:30", "runs", 2, "00:40"]]],
  [
    "all",
    "00:35",
    [
      ["00:10", "runs", 0, "00:20"],
      ["00:20", "runs", 0, "00:30"],
      ["00:30", "runs", 0, "00:40"],
    ],
  ],
  // One that comes back as it is due again is not late for that one.
  ["skip", "00:30:20", [["00:30", "runs", 2, "00:40"]]],
] as const)("of three that were missed %s makes, at %s: %j", (catchUp, now, steps) => {
  expect(due(catchUp, "00:10", now)).toEqual(steps);
});

it("makes up for ten at most, and says how many it leaves out", () => {
  const steps = due("all", "00:10", "03:00");
  expect(steps).toHaveLength(10);
  expect([steps[0], steps.at(-1)]).toEqual([
    ["01:30", "runs", 8, "01:40"],
    ["03:00", "runs", 0, "03:10"],
  ]);
});

it("counts no further than a hundred of those of a year, and takes no time for them", () => {
  if (cadence === null) return;
  const year = at("00:10") - 365 * 24 * 3_600_000;
  const steps = stepsDue({ cadence, nextAt: year, now: at("00:10"), catchUp: "latest" });
  expect(steps).toEqual([{ dueAt: at("00:10"), runs: true, missed: 99, nextAt: at("00:20") }]);
});

it("finds nothing due where the clock was set back, and goes on where it stood", () => {
  expect(due("all", "00:40", "00:35")).toEqual([]);
  expect(due("all", "00:40", "00:05")).toEqual([]);
  expect(due("all", "00:40", "00:40")).toEqual([["00:40", "runs", 0, "00:50"]]);
});

it("takes the instant where it stands, also where that is none of its cadence", () => {
  expect(due("latest", "00:13", "00:14")).toEqual([["00:13", "runs", 0, "00:20"]]);
});
