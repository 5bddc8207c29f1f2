import { expect, it } from "vitest";
import { closestName } from "./closest-name.ts";

it.each([
  ["BERTH_DATADIR", "BERTH_DATA_DIR"],
  ["berth_engin", "BERTH_ENGINE"],
  ["BERTH_HTTP_ADRESS", "BERTH_HTTP_ADDRESS"],
])("takes %s for %s", (typed, meant) => {
  expect(closestName(typed, ["BERTH_HTTP_ADDRESS", "BERTH_DATA_DIR", "BERTH_ENGINE"])).toBe(meant);
});

it.each([
  ["cpus", "cpu"],
  ["cup", null],
  ["x", "a"],
  ["colour", "color"],
  ["COLOR", "color"],
  ["clor", "color"],
  ["celor", "color"],
  ["kolour", "color"],
  ["kolours", null],
  ["memery", "memory"],
  ["yromem", null],
  ["lor", null],
  ["col", null],
  ["ory", null],
])("takes %s for %s", (typed, meant) => {
  expect(closestName(typed, ["a", "cpu", "color", "memory"])).toBe(meant);
});

it("takes the closest of several, and the first of those that are as close", () => {
  expect(closestName("limits", ["limitx", "limit", "limits_"])).toBe("limitx");
  expect(closestName("timeoutt", ["timeoxx", "timeout", "timeouts"])).toBe("timeout");
});

it("suggests nothing when no name is close", () => {
  expect(closestName("colour", ["memory", "cpu"])).toBeNull();
});

it("stays quick for a name of a megabyte", () => {
  expect(closestName("x".repeat(2 ** 20), ["memory"])).toBeNull();
});

it("looks at the first 64 letters", () => {
  const known = "k".repeat(64);
  expect(closestName(`${known}${"z".repeat(64)}`, [known])).toBe(known);
});
