import { toJson } from "@bufbuild/protobuf";
import { ExecutionInfoReplySchema } from "@berth/protocol/executor";
import { status } from "@grpc/grpc-js";
import { afterAll, beforeAll, expect, it } from "vitest";
import { takeSpent } from "../../src/lib/on-loop.ts";
import { KeptSpec } from "../../src/core/job/kept-spec.ts";
import { detailsOf, failure } from "../support/call-failure.ts";
import { type ExecutorBench, openExecutorBench } from "../support/executor-bench.ts";
import type { ExecutorClient } from "../support/executor-client.ts";

let bench: ExecutorBench;
let ann: ExecutorClient;
beforeAll(async () => {
  bench = await openExecutorBench();
  ann = await bench.client("ann");
});
afterAll(() => bench[Symbol.asyncDispose]());

const args = Array.from({ length: 5000 }, (_, at) => `€ ${at} ${"x".repeat(20)}`);
const bytes = Uint8Array.from({ length: 300_000 }, (_, at) => at % 251);

it("takes a large request as it takes a small one, read by another thread", async () => {
  takeSpent();
  const request = { command: "true", args, stdin: bytes, files: { a: bytes, "b/c": Buffer.from("b") } };
  const keyed = { ...request, idempotencyKey: "large" };
  const { executionId } = await ann.call("executeCommand", keyed);
  expect([...takeSpent().keys()].filter((name) => name === "gRPC submitJob: check")).toEqual([]);
  const id = executionId?.value ?? "";
  const job = await bench.api.context.store.jobs.get(id);
  expect(job?.spec.view).toEqual({
    command: "true",
    args,
    stdin: { size: 300_000 },
    files: { a: { size: 300_000 }, "b/c": { size: 1 } },
  });
  expect(job?.spec.json).toBeInstanceOf(Uint8Array);
  expect((await ann.call("executeCommand", keyed)).executionId?.value).toBe(id);
  const other = await failure(ann.call("executeCommand", { ...keyed, args: [...args, "more"] }));
  expect(other.code).toBe(status.ALREADY_EXISTS);
});

it("refuses a large request with the fields of this wire, and bytes that are none", async () => {
  const error = await failure(
    ann.call("executeCommand", {
      command: "",
      args,
      resources: { memory: "much" },
      idempotencyKey: "\u0001",
    }),
  );
  expect(error.code).toBe(status.INVALID_ARGUMENT);
  for (const field of ["command", "resources.memory", "idempotencyKey"])
    expect(error.details).toContain(field);
  expect(detailsOf(error)).toBeDefined();
});

it("shows a job of a large spec and a large result as it shows small ones", async () => {
  const result = { list: Array.from({ length: 20_000 }, (_, at) => (at % 2 === 0 ? at : { at: `€${at}` })) };
  const view = { command: "true", args };
  const spec = KeptSpec.stored(new TextEncoder().encode(JSON.stringify(view)));
  const { id } = await bench.api.jobs.insert({ owner: "ann", spec });
  await bench.api.jobs.move(id, "failed", { resultJson: JSON.stringify(result) });
  takeSpent();
  const info = await ann.call("getExecution", { executionId: { value: id } });
  expect([...takeSpent().keys()]).not.toContain("job: read its spec");
  expect(info.args).toEqual(args);
  expect((toJson(ExecutionInfoReplySchema, info) as { result: unknown }).result).toEqual(result);
  const { executions } = await ann.call("listExecutions", { name: "", ref: id });
  expect(executions.map((one) => [one.command, one.args.length])).toEqual([["true", args.length]]);
});
