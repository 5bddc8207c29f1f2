import { create, toBinary } from "@bufbuild/protobuf";
import { ExecuteRequestSchema } from "@berth/protocol/executor";
import { expect, it } from "vitest";
import { hasMoreFields } from "./count-fields.ts";

type Request = Parameters<typeof create<typeof ExecuteRequestSchema>>[1];
const bytesOf = (request: Request): Uint8Array =>
  toBinary(ExecuteRequestSchema, create(ExecuteRequestSchema, request));
const times = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

it.each<[string, Request, number]>([
  ["arguments, empty ones too", { args: times(10).map(() => "") }, 10],
  ["the names and values of a map", { env: Object.fromEntries(times(10).map((i) => [`K${i}`, "v"])) }, 30],
  ["what is in an inner message", { resources: { cpu: "1", memory: "1Gi", pids: 5 } }, 4],
  [
    "contents as one, whatever is in them",
    { stdin: new Uint8Array(100_000), command: "\n\u0001".repeat(500) },
    2,
  ],
])("counts %s", (_what, request, fields) => {
  const bytes = bytesOf(request);
  expect(hasMoreFields(ExecuteRequestSchema, bytes, fields)).toBe(false);
  expect(hasMoreFields(ExecuteRequestSchema, bytes, fields - 1)).toBe(true);
});

it("ends at bytes that are no message", () => {
  for (const bytes of [[0xff], [0x0a, 0xff, 0xff, 0xff, 0xff, 0x7f], [7], times(300).map((n) => n & 0xff)]) {
    expect(hasMoreFields(ExecuteRequestSchema, Uint8Array.from(bytes), 1000)).toBe(false);
  }
});
