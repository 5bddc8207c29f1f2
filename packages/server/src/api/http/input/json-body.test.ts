import { isBerthError } from "@berth/protocol";
import { expect, it } from "vitest";
import { parseJsonBody } from "./json-body.ts";

function problemOf(text: string | Buffer): string {
  try {
    parseJsonBody(Buffer.from(text));
  } catch (error) {
    if (isBerthError(error)) return `${error.problems[0]?.field} ${error.problems[0]?.message}`;
    throw error;
  }
  return "no problem";
}

it.each([
  ['{"command":"true"}', { command: "true" }],
  [' [1, -2.5e3, "a\\n\\u00e9", null, true, {}, []] ', [1, -2500, "a\né", null, true, {}, []]],
  ['{"constructor":{"prototype":1}}', { constructor: { prototype: 1 } }],
  ["", undefined],
])("reads %s", (text, value) => {
  expect(parseJsonBody(Buffer.from(text))).toEqual(value);
});

it.each([
  ["{", "expected key or } at position 1 (line 1, column 2)"],
  ['{"a": x}', "expected value at position 6 (line 1, column 7)"],
  ['{"a": 1,\n "b" 2}', "expected : at position 14 (line 2, column 6)"],
  ['{"a": 1 "b": 2}', "expected , or } at position 8 (line 1, column 9)"],
  ["[1, 2", "expected , or ] at position 5 (line 1, column 6)"],
  ["[1,]", "expected value at position 3 (line 1, column 4)"],
  ['{"a":1,}', "expected key at position 7 (line 1, column 8)"],
  ["{} {}", "expected the end at position 3 (line 1, column 4)"],
  ["[1}", "expected , or ] at position 2 (line 1, column 3)"],
  ["{'a':1}", "expected key or } at position 1 (line 1, column 2)"],
  ['{"a":"b\nc"}', "expected value at position 5 (line 1, column 6)"],
  ["[NaN]", "expected value or ] at position 1 (line 1, column 2)"],
  ["[01]", "expected , or ] at position 2 (line 1, column 3)"],
  ["\ufeff{}", "expected value at position 0 (line 1, column 1)"],
])("says where %j stops being JSON", (text, fault) => {
  expect(problemOf(text)).toBe(`body must be JSON: ${fault}`);
});

it.each([
  ['{"__proto__":{"admin":true}}', "body must not have the key __proto__"],
  ['{"env":{"\\u005f_proto__":"x"}}', "env must not have the key __proto__"],
  ['{"env":{"A":"\\ud800"}}', "env.A must not hold half a surrogate pair"],
  ['{"args":["a","\\ud800"]}', "args[1] must not hold half a surrogate pair"],
  ['{"env":{"\\udc00":"x"}}', "env must not have a key with half a surrogate pair"],
])("refuses %s", (text, problem) => {
  expect(problemOf(text)).toBe(problem);
});

it("refuses bytes that are not UTF-8", () => {
  expect(problemOf(Buffer.from([0x22, 0xff, 0x22]))).toBe("body must be UTF-8");
});

it("refuses a bomb of brackets and one of tiny values before it parses them", () => {
  expect(problemOf("[".repeat(2 ** 20))).toBe("body must be at most 32 levels deep");
  expect(problemOf(`[${"0,".repeat(2 ** 20)}0]`)).toBe("body must hold at most 20000 values");
});

it("takes brackets and commas inside a string for what they are", () => {
  const value = `${"[".repeat(1000)}${'"\\,'.repeat(200_000)}`;
  expect(parseJsonBody(Buffer.from(JSON.stringify({ value })))).toEqual({ value });
});

it("finds the end of every string, whatever escapes stand wherever in it", () => {
  for (let length = 0; length < 200; length++) {
    for (const end of ["", '"', "\\", '\\"', '"\\', '\\\\"']) {
      const value = [
        "x".repeat(length) + end,
        "[".repeat(40),
        `${"y".repeat(length)}${end.repeat(40)}${end}`,
      ];
      expect(parseJsonBody(Buffer.from(JSON.stringify(value)))).toEqual(value);
    }
  }
  expect(problemOf(`"${"x".repeat(100)}\\"`)).toMatch(/^body must be JSON/);
});

it.each([
  ['{"command":"true","command":"false"}', "command", "position 18 (line 1, column 19)"],
  ['{"env":{"A":"1",\n "A":"2"}}', "env.A", "position 18 (line 2, column 2)"],
  ['{"a":[{"x":1},{"x":1,"y":[],"x":{}}]}', "a[1].x", "position 28 (line 1, column 29)"],
  ['{"a":1,"\\u0061" :1}', "a", "position 7 (line 1, column 8)"],
  ['{"a b\\"":{"c":":"},"a b\\"":{}}', '["a b\\""]', "position 19 (line 1, column 20)"],
  ['{"__proto__":1,"__proto__":2}', "__proto__", "position 15 (line 1, column 16)"],
  ['{"":1,"":2}', '[""]', "position 6 (line 1, column 7)"],
])("refuses %s, as readers take either of the two", (text, field, at) => {
  expect(problemOf(text)).toBe(`${field} comes twice in one object, the second time at ${at}`);
});

it.each([
  '{"a":{"x":1},"b":{"x":1},"c":[{"x":1},{"x":1}]}',
  '{"a":"a","b":"a: \\"b\\":"}',
  '{"a":null,"b":[null,"b",1]}',
  "{}",
])("takes one key in several objects, and as a value: %s", (text) => {
  expect(parseJsonBody(Buffer.from(text))).toEqual(JSON.parse(text));
});

it("finds a key that comes twice at the end of a megabyte, without the line", () => {
  const text = `{"a":"${"x\\n".repeat(2 ** 20)}","b":1,"a":2}`;
  expect(problemOf(text)).toBe(`a comes twice in one object, the second time at position ${text.length - 6}`);
});
