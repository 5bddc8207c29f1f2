import { gzipSync } from "node:zlib";
import { ExecutorService } from "@berth/protocol/executor";
import { grpcService } from "@berth/protocol/grpc-service";
import { status } from "@grpc/grpc-js";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type ExecutorBench, openExecutorBench } from "../support/executor-bench.ts";
import { framed, type RawConnection, rawConnection, statusOf } from "../support/raw-grpc.ts";

let bench: ExecutorBench;
let connection: RawConnection;
beforeAll(async () => {
  bench = await openExecutorBench();
  const { pair } = await bench.client("ann");
  connection = await rawConnection(bench.port, { roots: bench.pki.ca.roots, pair });
});
afterAll(async () => {
  connection[Symbol.dispose]();
  await bench[Symbol.asyncDispose]();
});

const { executeCommand, ...others } = grpcService(ExecutorService);
const small = [
  ...Object.values(others).map(({ path }) => path),
  "/grpc.health.v1.Health/Check",
  "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
];

it.each(small)("%s refuses a message that would take long to read, unread", async (path) => {
  const stream = connection.open(path);
  stream.end(framed(new Uint8Array(64 * 1024 + 1)));
  const message = "Received message larger than max (65537 vs 65536)";
  expect(await statusOf(stream)).toEqual({ code: status.RESOURCE_EXHAUSTED, message });
});

it.each(small)("%s refuses one that is as long only when it is unpacked", async (path) => {
  const stream = connection.open(path, { "grpc-encoding": "gzip" });
  stream.end(framed(gzipSync(new Uint8Array(2 ** 20)), { compressed: true }));
  expect(await statusOf(stream)).toMatchObject({ code: status.RESOURCE_EXHAUSTED });
});

it("a command may be longer", async () => {
  const stream = connection.open(executeCommand.path);
  stream.end(framed(new Uint8Array(2 ** 20).fill(0xff)));
  expect(await statusOf(stream)).toMatchObject({ code: status.INVALID_ARGUMENT });
});
