import { expect, it } from "vitest";
import { Heirs } from "./heirs.ts";

it("keeps a folder for the last of its heirs, and names its owner until that is gone", () => {
  const heirs = new Heirs();
  for (const id of ["one", "two"]) heirs.add(id, { workOf: "owner" });
  expect(heirs.keep("owner")).toBe(true);
  expect(heirs.leave("one")).toBeNull();
  expect(heirs.keep("owner")).toBe(true);
  expect(heirs.leave("two")).toBe("owner");
  expect(heirs.keep("owner")).toBe(false);
  // Its removal has failed: whoever tries the heir's once more comes to it again.
  expect(heirs.leave("two")).toBe("owner");
  heirs.removed("owner");
  expect([heirs.leave("two"), heirs.leave("one")]).toEqual([null, null]);
});

it("names nobody who was not to be removed, and nobody for a workload with a folder of its own", () => {
  const heirs = new Heirs();
  heirs.add("plain", {});
  heirs.add("heir", { workOf: "owner" });
  expect([heirs.leave("plain"), heirs.leave("heir"), heirs.keep("owner")]).toEqual([null, null, false]);
});
