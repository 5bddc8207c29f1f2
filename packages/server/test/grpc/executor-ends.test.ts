import { once } from "node:events";
import { connect } from "node:net";
import { create, toBinary } from "@bufbuild/protobuf";
import { ExecutionIdRequestSchema } from "@berth/protocol/executor";
import { status } from "@grpc/grpc-js";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { IssuedPair } from "../../src/pki/issue.ts";
import { type ExecutorBench, openExecutorBench } from "../support/executor-bench.ts";
import { framed, type RawConnection, rawConnection, statusOf } from "../support/raw-grpc.ts";
import { patiently } from "../support/patience.ts";
import { until } from "../support/until.ts";

let bench: ExecutorBench;
let pair: IssuedPair;
let raw: RawConnection;
beforeEach(async () => {
  bench = await openExecutorBench();
  ({ pair } = await bench.client("ann"));
  raw = await rawConnection(bench.port, { roots: bench.pki.ca.roots, pair });
});
afterEach(async () => {
  raw[Symbol.dispose]();
  await bench[Symbol.asyncDispose]();
});

const get = "/ExecutorService/GetExecution";
const follow = "/ExecutorService/GetOutStream";
const unknown = "01890000-0000-7000-8000-000000000000";

function request(id: string): Buffer {
  const message = create(ExecutionIdRequestSchema, { executionId: { value: id } });
  return framed(toBinary(ExecutionIdRequestSchema, message));
}

/** A reader that takes what its window holds and then no more, of far more output than that. */
async function stuckReader() {
  const job = await bench.api.runningJob();
  await job.write("x".repeat(2 ** 22));
  const stream = raw.open(follow);
  stream.pause();
  stream.end(request(job.id));
  await once(stream, "response");
  await until(() => stream.readableLength > 60_000, { what: "a full window" });
  return stream;
}

/** Fails where what takes about a second does not come by itself: nobody takes anything here, so that it never would. */
async function soon<Value>(what: Promise<Value>): Promise<Value> {
  const late = Promise.withResolvers<never>();
  const patience = patiently(60_000);
  const timer = setTimeout(() => late.reject(new Error(`It has not come in ${patience} ms`)), patience);
  return Promise.race([what, late.promise]).finally(() => clearTimeout(timer));
}

describe("a certificate that is revoked while its reader is stuck", () => {
  it("cuts the stream soon, though nobody takes the status", async () => {
    const stream = await stuckReader();
    const cut = once(stream, "close");
    await bench.revocations.revoke(pair.record.serial);
    await soon(cut);
    expect(stream.rstCode).toBe(8);
    await until(() => bench.revocations.held === 0, { what: "the end of the call" });
  });

  it("tells a reader that goes on in time why there is no more", async () => {
    const stream = await stuckReader();
    await bench.revocations.revoke(pair.record.serial);
    expect(await statusOf(stream)).toMatchObject({ code: status.UNAUTHENTICATED });
  });
});

describe("a server that closes", () => {
  const clients: [string, () => Promise<unknown>][] = [
    [
      "has begun no handshake",
      async () =>
        once(
          connect(bench.port, "localhost").on("error", () => undefined),
          "connect",
        ),
    ],
    ["has not finished its request", async () => void raw.open(get).write(request(unknown).subarray(0, 9))],
    [
      "goes on sending after the answer",
      async () => {
        const stream = raw.open(get);
        stream.write(framed(Buffer.alloc(100), { length: 2 ** 30 }));
        expect(await statusOf(stream)).toMatchObject({ code: status.RESOURCE_EXHAUSTED });
      },
    ],
    ["does not read", stuckReader],
  ];

  it.each(clients)("waits little longer than a second for one who %s", async (_what, begin) => {
    await begin();
    await soon(bench.close());
    expect(await until(() => bench.revocations.held === 0, { what: "the end of all calls" })).toBe(true);
  });
});

describe("a call", () => {
  const zipped = { compressed: true };
  const calls: [string, Record<string, string>, Buffer[], number][] = [
    ["of no known method", { ":path": "/Nobody/Nothing" }, [request(unknown)], status.UNIMPLEMENTED],
    ["with two requests", {}, [request(unknown), request(unknown)], status.UNIMPLEMENTED],
    ["without a request", {}, [], status.UNIMPLEMENTED],
    ["with half a request", {}, [framed(Buffer.alloc(2), { length: 10 })], status.UNIMPLEMENTED],
    ["with bytes that are no request", {}, [framed(Buffer.alloc(4, 255))], status.INTERNAL],
    ["that claims a GiB", {}, [framed(Buffer.alloc(9), { length: 2 ** 30 })], status.RESOURCE_EXHAUSTED],
    [
      "in an unknown encoding",
      { "grpc-encoding": "x" },
      [framed(Buffer.alloc(1), zipped)],
      status.UNIMPLEMENTED,
    ],
    ["in a false encoding", { "grpc-encoding": "gzip" }, [framed(Buffer.alloc(9), zipped)], status.INTERNAL],
    ["with no time at all", { "grpc-timeout": "0n" }, [], status.DEADLINE_EXCEEDED],
    ["with a time that is none", { "grpc-timeout": "soon" }, [], status.INTERNAL],
    ["for an id of line breaks", {}, [request("\n".repeat(60_000))], status.NOT_FOUND],
    ["for an id of 20,000 letters", {}, [request("\u{d7ff}".repeat(20_000))], status.NOT_FOUND],
    ["for one of 100,000", {}, [request("\u{d7ff}".repeat(100_000))], status.RESOURCE_EXHAUSTED],
    ["for an id of characters outside the plane", {}, [request("\u{1f600}".repeat(99))], status.NOT_FOUND],
  ];

  it.each(calls)("%s is answered and leaves nothing behind", async (_what, headers, messages, code) => {
    const stream = raw.open(get, headers);
    for (const message of messages) stream.write(message);
    if (code !== status.DEADLINE_EXCEEDED) stream.end();
    expect(await statusOf(stream)).toMatchObject({ code });
    await until(() => bench.revocations.held === 0, { what: "the end of the call" });
    expect(bench.failures.filter(({ status: http }) => http >= 500)).toEqual([]);
  });

  it("that the client resets, at whatever moment, leaves nothing behind", async () => {
    const job = await bench.api.runningJob();
    await job.write("x".repeat(2 ** 20));
    for (let n = 0; n < 60; n += 1) {
      const stream = raw.open(n % 2 === 0 ? follow : get);
      stream.end(request(job.id));
      if (n % 3 === 1) await once(stream, "response");
      if (n % 3 === 2) await new Promise((resolve) => setImmediate(resolve));
      stream.close(8);
    }
    await until(() => bench.revocations.held === 0, { what: "the end of all calls" });
    expect(bench.failures).toEqual([]);
  });

  it.each(["2592000S", "4000000S"])("with %s of time is not told that they are over", async (timeout) => {
    const job = await bench.api.runningJob();
    const stream = raw.open(follow, { "grpc-timeout": timeout });
    const ended = statusOf(stream);
    const first = Promise.race([once(stream, "data"), ended]);
    stream.end(request(job.id));
    await job.write("x");
    await first;
    await job.end();
    expect(await ended).toMatchObject({ code: status.OK });
  });
});

describe("more requests than are let in at a time", () => {
  it("are all answered, also when those before them are never finished but taken back", async () => {
    const unfinished = Array.from({ length: 40 }, () => raw.open(get));
    for (const stream of unfinished) stream.write(request(unknown).subarray(0, 9));
    await until(() => bench.revocations.held === 40, { what: "the unfinished calls" });
    const ends = Array.from({ length: 300 }, () => {
      const stream = raw.open(get);
      stream.end(request(unknown));
      return statusOf(stream);
    });
    for (const stream of unfinished) stream.close(8);
    const codes = (await Promise.all(ends)).map((end) => end?.code);
    expect(codes).toEqual(Array.from({ length: 300 }, () => status.NOT_FOUND));
    await until(() => bench.revocations.held === 0, { what: "the end of all calls" });
  });

  it("of one principal hold up nobody else", async () => {
    const unfinished = Array.from({ length: 40 }, () => raw.open(get));
    for (const stream of unfinished) stream.write(request(unknown).subarray(0, 9));
    await until(() => bench.revocations.held === 40, { what: "the unfinished calls" });
    const bob = await bench.client("bob");
    expect((await bob.call("listAllExecutions", {})).executions).toEqual([]);
  });
});

describe("a certificate that is revoked", () => {
  const watches: [string, string, Buffer][] = [
    ["a watch of the server's health", "/grpc.health.v1.Health/Watch", framed(Buffer.alloc(0))],
    // list_services = 7, an empty text: of the first version and the one before.
    [
      "reflection",
      "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
      framed(Buffer.from([0x3a, 0])),
    ],
    [
      "reflection of old",
      "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo",
      framed(Buffer.from([0x3a, 0])),
    ],
  ];

  it.each(watches)("ends %s, and every later one", async (_what, path, message) => {
    const stream = raw.open(path);
    stream.write(message);
    if (path.endsWith("Watch")) stream.end();
    const ended = statusOf(stream);
    await once(stream, "response");
    await bench.revocations.revoke(pair.record.serial);
    expect(await ended).toMatchObject({ code: status.UNAUTHENTICATED });
    const late = raw.open(path);
    late.end(message);
    expect(await statusOf(late)).toMatchObject({ code: status.UNAUTHENTICATED });
    await until(() => bench.revocations.held === 0, { what: "the end of the calls" });
  });
});
