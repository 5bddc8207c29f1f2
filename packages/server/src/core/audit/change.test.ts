import { expect, it } from "vitest";
import { changesBetween } from "./change.ts";

it("tells the fields that differ, by their paths", () => {
  const before = { allow: { ports: [80], hosts: ["a"] }, note: "x", same: 1 };
  const after = { allow: { ports: [80, 443], hosts: ["a"] }, note: "y", same: 1 };
  expect(changesBetween(before, after)).toEqual([
    { field: "allow.ports", before: [80], after: [80, 443] },
    { field: "note", before: "x", after: "y" },
  ]);
  expect(changesBetween(before, before)).toEqual([]);
});

it("tells of a definition that comes or goes, or of a part of it", () => {
  expect(changesBetween(null, { name: "a" })).toEqual([{ field: "name", before: null, after: "a" }]);
  expect(changesBetween({ name: "a" }, null)).toEqual([{ field: "name", before: "a", after: null }]);
  expect(changesBetween({ allow: null }, { allow: { ports: [1] } })).toEqual([
    { field: "allow", before: null, after: { ports: [1] } },
  ]);
  expect(changesBetween({ allow: { ports: [1] } }, { allow: [1] })).toEqual([
    { field: "allow", before: { ports: [1] }, after: [1] },
  ]);
  expect(changesBetween({ allow: [1] }, { allow: { ports: [1] } })).toEqual([
    { field: "allow", before: [1], after: { ports: [1] } },
  ]);
  expect(changesBetween({ note: undefined }, { note: null })).toEqual([]);
});

it("knows what a definition has itself alone", () => {
  expect(changesBetween({}, { toString: "a" })).toEqual([{ field: "toString", before: null, after: "a" }]);
});

it.each(["password", "secret", "token", "value", "values", "key", "privateKey", "hash", "data", "PASSWORD"])(
  "never tells what a %s was or is",
  (name) => {
    expect(
      changesBetween({ [name]: "a", in: { [name]: "a" } }, { [name]: "b", in: { [name]: "b" } }),
    ).toEqual([]);
  },
);

it("tells of a field whose name has such a word in it", () => {
  expect(changesBetween({ keyId: 1, myToken: 1 }, { keyId: 2, myToken: 2 })).toHaveLength(2);
});
