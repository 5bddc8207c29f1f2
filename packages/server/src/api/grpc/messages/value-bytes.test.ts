import { fromJson, type JsonValue, toBinary } from "@bufbuild/protobuf";
import { ValueSchema } from "@bufbuild/protobuf/wkt";
import { expect, it } from "vitest";
import { valueBytes } from "./value-bytes.ts";

const deep = (depth: number): JsonValue => (depth === 0 ? [1] : [deep(depth - 1), { d: depth }]);

it.each<[what: string, json: JsonValue]>([
  ["nothing", null],
  ["truth", [true, false]],
  ["numbers", [0, -0, 1.5, -1, 2 ** 53, 1e308, 5e-324]],
  ["texts", ["", "a", "€", "👩‍💻 e\u0301", "\u0000", "x".repeat(127), "x".repeat(128), "ä".repeat(20_000)]],
  ["empty ones", [[], {}, ""]],
  ["objects", { a: { b: [{}] }, "": null, ключ: "значение", __proto__x: 1 }],
  ["depth", deep(90)],
  ["many", Array.from({ length: 3000 }, (_, at) => ({ [`k${at}`]: at }))],
])("encodes %s as the general encoder does", (_what, json) => {
  const value = toBinary(ValueSchema, fromJson(ValueSchema, json));
  const bytes = Buffer.from(valueBytes(json));
  expect(bytes.subarray(-value.length).equals(value)).toBe(true);
  // Before it stands its length, seven bits a byte.
  const head = [...bytes.subarray(0, bytes.length - value.length)];
  expect(head.reduceRight((sum, byte) => sum * 128 + (byte & 127), 0)).toBe(value.length);
  expect(head.map((byte) => byte >= 128)).toEqual(head.map((_, at) => at < head.length - 1));
});
