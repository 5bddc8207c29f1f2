import { expect, it } from "vitest";
import { milliOf, needsOf, sentenceName } from "./subject.ts";

it("is called by its name, and a group as one", () => {
  expect(sentenceName({ kind: "user", name: "ann" })).toBe('"ann"');
  expect(sentenceName({ kind: "group", name: "lab" })).toBe('Group "lab"');
});

it("counts cores in thousandths, never less than there are, and never more for how numbers are written", () => {
  expect([0.1, 0.3, 1.0001, 2].map(milliOf)).toEqual([100, 300, 1001, 2000]);
});

it("takes of a job what its limits are, and nothing known where it has none", () => {
  expect(needsOf({ cpu: { value: 1.5 }, memory: { value: 100 } })).toEqual({ cpuMilli: 1500, memory: 100 });
  expect(needsOf({ cpu: null, memory: null })).toEqual({ cpuMilli: null, memory: null });
});
