import { expect, it } from "vitest";
import { maySee } from "./access.ts";

it.each(["an", "ann-b", "ann ", "Ann", "ANN", "", "bob", "*", "ａnn", "аnn"])(
  "ABUSE 27: hides a job of ann from %j, as only the very same name is hers",
  (name) => {
    expect(maySee({ name, role: "user" }, { owner: "ann" })).toBe(false);
    expect(maySee({ name: "ann", role: "user" }, { owner: name })).toBe(false);
  },
);

it("shows a job to its owner and to administrators of any name", () => {
  expect(maySee({ name: "ann", role: "user" }, { owner: "ann" })).toBe(true);
  expect(maySee({ name: "root", role: "admin" }, { owner: "ann" })).toBe(true);
});
