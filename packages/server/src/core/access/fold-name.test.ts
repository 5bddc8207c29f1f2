import { expect, it } from "vitest";
import { foldName } from "./fold-name.ts";

it.each([
  ["Ann", "ann"],
  ["BÓB", "bób"],
  ["BO\u0301B", "bób"],
  ["Straße", "STRASSE"],
  ["ΟΔΟΣ", "οδοσ"],
  ["ａｎｎ", "ann"],
  ["\u212bke", "åke"],
])("takes %j and %j for one name", (one, other) => {
  expect(foldName(one)).toBe(foldName(other));
});

it.each([
  ["ann", "anna"],
  ["ann", "ann-b"],
  ["bob", "bób"],
  ["аnn", "ann"],
])("tells %j from %j", (one, other) => {
  expect(foldName(one)).not.toBe(foldName(other));
});

it("changes nothing the second time", () => {
  for (const name of ["Straße", "ΟΔΟΣ", "ﬁ", "İ", "ǅ", "K"]) {
    expect(foldName(foldName(name))).toBe(foldName(name));
  }
});
