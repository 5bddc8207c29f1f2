import { expect, it } from "vitest";
import { canonicalJson, canonicalPieces } from "./canonical-json.ts";

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

it.each([
  {},
  { args: [], env: {}, files: { "10": "a", "9": "b", "\ud800": '"' }, stdin: undefined },
  {
    command: "\u0001€",
    args: ["a", "", "\u2028"],
    labels: { b: "1", a: "2" },
    output: { limit: "1", b: { z: [1, { y: 2, x: 3 }], a: null } },
  },
])("comes in pieces as one text: %j", (value) => {
  expect([...canonicalPieces(value)].join("")).toBe(canonicalJson(value));
});

it("comes in pieces that are no longer than what is in the value", () => {
  const long = { args: Array.from({ length: 20 }, () => "x".repeat(1000)), env: { a: "y".repeat(1000) } };
  expect(Math.max(...[...canonicalPieces(long)].map(({ length }) => length))).toBeLessThan(1010);
});
