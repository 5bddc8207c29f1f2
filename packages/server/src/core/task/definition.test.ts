import { expect, it } from "vitest";
import { mergeSpec } from "./merge-spec.ts";
import { readInput } from "./read-input.ts";

it("changes the fields that a patch names: limits one by one, others whole, null takes one away", () => {
  const spec = {
    description: "old",
    resources: { memory: "1Gi", cpu: "1" },
    input: { properties: { a: {} }, required: ["a"] },
    network: "internet",
  };
  const patch = {
    description: undefined,
    resources: { memory: "2Gi" },
    timeouts: { run: "1m" },
    input: { properties: {} },
    network: null,
  };
  expect(mergeSpec(spec, patch)).toEqual({
    description: "old",
    resources: { memory: "2Gi", cpu: "1" },
    timeouts: { run: "1m" },
    input: { properties: {} },
  });
  expect(mergeSpec(spec, JSON.parse('{"__proto__":{"x":1}}') as object)).not.toHaveProperty("x");
});

it("reads a body as text, and none as an empty object", () => {
  expect(readInput(new Uint8Array())).toEqual({ text: "{}" });
  expect(readInput(Buffer.from("\ufeffany text"))).toEqual({ text: "\ufeffany text" });
  expect(readInput(Buffer.from([0x80]))).toEqual({ problem: { field: "body", message: "must be UTF-8" } });
  expect(readInput(Buffer.from("a\0b"))).toMatchObject({ problem: { field: "body" } });
});
