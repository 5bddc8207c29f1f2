import { expect, it } from "vitest";
import { canonicalJson } from "./canonical-json.ts";

it.each([
  ["keys in another order", { b: 1, a: 2, c: 3 }, { c: 3, b: 1, a: 2 }],
  ["keys of inner objects in another order", { x: [{ b: 1, a: 2 }] }, { x: [{ a: 2, b: 1 }] }],
])("gives one text for %s", (_what, one, other) => {
  expect(canonicalJson(one)).toBe(canonicalJson(other));
});

it.each([
  ["the order of a list", [1, 2], [2, 1]],
  ["a list and an object with its places as keys", ["a"], { 0: "a" }],
  ["null and an empty object", { a: null }, { a: {} }],
  ["a number and its text", { a: 1 }, { a: "1" }],
  ["a value at another key", { a: 1, b: 2 }, { a: 2, b: 1 }],
])("tells %s apart", (_what, one, other) => {
  expect(canonicalJson(one)).not.toBe(canonicalJson(other));
});

it("is JSON with its keys in order", () => {
  expect(canonicalJson({ b: [null, { d: 1, c: "x" }], a: true })).toBe(
    '{"a":true,"b":[null,{"c":"x","d":1}]}',
  );
});
