import { expect, it } from "vitest";
import { closestName } from "./closest-name.ts";

it.each([
  ["BERTH_DATADIR", "BERTH_DATA_DIR"],
  ["berth_engin", "BERTH_ENGINE"],
  ["BERTH_HTTP_ADRESS", "BERTH_HTTP_ADDRESS"],
])("takes %s for %s", (typed, meant) => {
  expect(closestName(typed, ["BERTH_HTTP_ADDRESS", "BERTH_DATA_DIR", "BERTH_ENGINE"])).toBe(meant);
});

it("suggests nothing when no name is close", () => {
  expect(closestName("colour", ["memory", "cpu"])).toBeNull();
});

it("stays quick for a name of a megabyte", () => {
  expect(closestName("x".repeat(2 ** 20), ["memory"])).toBeNull();
});
