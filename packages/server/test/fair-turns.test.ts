import { connect } from "node:net";
import { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { create, toBinary } from "@bufbuild/protobuf";
import { EmptySchema } from "@bufbuild/protobuf/wkt";
import { ExecuteRequestSchema } from "@berth/protocol/executor";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { Context } from "../src/operations/context.ts";
import type { ExecutorClient } from "./support/executor-client.ts";
import { type ExecutorBench, openExecutorBench } from "./support/executor-bench.ts";
import { framed, type RawConnection, rawConnection, statusOf } from "./support/raw-grpc.ts";
import { until } from "./support/until.ts";

const listAll = "/ExecutorService/ListAllExecutions";
const execute = "/ExecutorService/ExecuteCommand";
const nothing = framed(toBinary(EmptySchema, create(EmptySchema)));

let bench: ExecutorBench;
let ann: ExecutorClient;
let raw: RawConnection;
/** How often the store was asked for a list. */
let lists = 0;
/** How often that was before each look at this job. */
let watched = { id: "", listsBefore: [] as number[] };

function counting(jobs: Context["store"]["jobs"]): Context["store"]["jobs"] {
  return new Proxy(jobs, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name);
      if (name === "list") lists += 1;
      if (name === "get")
        return (id: string) => {
          if (id === watched.id) watched.listsBefore.push(lists);
          return target.get(id);
        };
      return typeof value === "function" ? (value.bind(target) as unknown) : value;
    },
  });
}

beforeEach(async () => {
  bench = await openExecutorBench(({ store }) => ({ store: { ...store, jobs: counting(store.jobs) } }));
  const client = await bench.client("ann");
  ann = client;
  raw = await rawConnection(bench.port, { roots: bench.pki.ca.roots, pair: client.pair });
  lists = 0;
});
afterEach(async () => {
  raw[Symbol.dispose]();
  await bench[Symbol.asyncDispose]();
});

async function manyJobsOf(owner: string, count: number): Promise<void> {
  await Promise.all(Array.from({ length: count }, () => bench.api.jobOf("queued", { owner })));
}

/** Calls of others have been answered: what came before them was looked at. */
async function othersAreServed(): Promise<void> {
  const bob = await bench.client("bob");
  for (let n = 0; n < 10; n += 1) await bob.call("listAllExecutions", {});
}

it("answers one who asks for little before most of those who asked for much, over each door", async () => {
  await manyJobsOf("ann", 200);
  const bob = await bench.client("bob");
  const { id } = await bench.api.jobOf("queued", { owner: "bob" });
  await bob.call("getExecution", { executionId: { value: id } });
  watched = { id, listsBefore: [] };
  const greedy = Array.from({ length: 40 }, () => raw.open(listAll).end(nothing));
  await until(() => lists > 0, { what: "a list" });
  await Promise.all([
    bob.call("getExecution", { executionId: { value: id } }),
    bench.api.call(`GET /api/v1/jobs/${id}`, { as: "bob" }),
  ]);
  await Promise.all(greedy.map(statusOf));
  expect(lists).toBeGreaterThanOrEqual(320);
  expect(watched.listsBefore.map((before) => before < 160)).toEqual([true, true]);
});

it("looks no further for a client that has taken its call back", async () => {
  await manyJobsOf("ann", 500);
  for (let n = 0; n < 100; n += 1) raw.open(listAll).end(nothing).close(8);
  await othersAreServed();
  await until(() => bench.api.context.turns.size === 0, { what: "the end of all turns" });
  // Ten of bob, and for each of a hundred at most its first look; all of them to the end would be two thousand.
  expect(lists).toBeLessThan(150);
});

it("answers one who connects behind a hundred others before most of those who asked for much", async () => {
  await manyJobsOf("ann", 200);
  const url = new URL(await bench.api.listen());
  const greedy = Array.from({ length: 40 }, () => raw.open(listAll).end(nothing));
  await until(() => lists > 0, { what: "a list" });
  const listsBefore: number[] = [];
  bench.api.app.server.on("connection", () => void listsBefore.push(lists));
  const connections = Array.from({ length: 101 }, () => connect(Number(url.port), url.hostname));
  const last = connections
    .at(-1)
    ?.end("GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
  const answer = await text(last ?? Readable.from([]));
  for (const connection of connections) connection.destroy();
  expect(answer).toContain("200 OK");
  // The loop takes in one connection a round, and a round without one, as on a busy host, is not left to them: with turns in
  // each there would be a list between any two.
  const between = listsBefore.slice(1).map((now, index) => now - (listsBefore[index] ?? 0));
  expect(between).toHaveLength(100);
  expect(between.filter((count) => count === 0).length).toBeGreaterThan(50);
  await Promise.all(greedy.map(statusOf));
});

it("begins the handshake of whoever connects over gRPC when it has a turn", async () => {
  const turns = vi.spyOn(bench.api.context.turns, "take");
  const bob = await bench.client("bob");
  await bob.call("listAllExecutions", {});
  expect(turns.mock.calls.filter(([who]) => who === "handshakes")).toHaveLength(1);
  turns.mockRestore();
});

it("does not store an execution whose call was taken back before", async () => {
  const message = framed(toBinary(ExecuteRequestSchema, create(ExecuteRequestSchema, { command: "true" })));
  const streams = Array.from({ length: 50 }, () => raw.open(execute));
  for (const stream of streams) stream.end(message).close(8);
  await until(() => streams.every(({ closed }) => closed), { what: "the end of all calls" });
  await othersAreServed();
  expect((await ann.call("listAllExecutions", {})).executions).toEqual([]);
  // What is not taken back is.
  await ann.call("executeCommand", { command: "true" });
  expect((await ann.call("listAllExecutions", {})).executions).toHaveLength(1);
});
