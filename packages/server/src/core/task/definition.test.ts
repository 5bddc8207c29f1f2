import { expect, it } from "vitest";
import { auditedSpec } from "./audited-spec.ts";
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

it("keeps commands and schemas out of records, and tells when they change", () => {
  const record = auditedSpec({ runner: "r", command: "curl -u me:hunter2", input: { type: "object" } });
  expect(record).toEqual({
    runner: "r",
    command: expect.stringMatching(/^sha256:[0-9a-f]{64}$/) as string,
    input: expect.stringMatching(/^sha256:[0-9a-f]{64}$/) as string,
  });
  expect(JSON.stringify(record)).not.toContain("hunter2");
});

it("reads a body as text, and none as an empty object", () => {
  expect(readInput(new Uint8Array())).toEqual({ text: "{}" });
  expect(readInput(Buffer.from("\ufeffany text"))).toEqual({ text: "\ufeffany text" });
  expect(readInput(Buffer.from([0x80]))).toEqual({ problem: { field: "body", message: "must be UTF-8" } });
  expect(readInput(Buffer.from("a\0b"))).toMatchObject({ problem: { field: "body" } });
});
