import { create, toBinary } from "@bufbuild/protobuf";
import { EmptySchema } from "@bufbuild/protobuf/wkt";
import { status } from "@grpc/grpc-js";
import { expect, it, vi } from "vitest";
import { Allowance } from "../../src/auth/allowance.ts";
import { openExecutorBench } from "../support/executor-bench.ts";
import { framed, rawConnection, statusOf } from "../support/raw-grpc.ts";
import { until } from "../support/until.ts";

const listAll = "/ExecutorService/ListAllExecutions";
const nothing = framed(toBinary(EmptySchema, create(EmptySchema)));

/** Calls that began in each round of the event loop, as far as the allowance was asked for them. */
function callsInRounds(allowance: Allowance): { counts: number[] } & Disposable {
  const counts: number[] = [0];
  let isOver = false;
  const turn = (): void => {
    counts.push(0);
    if (!isOver) setImmediate(turn);
  };
  setImmediate(turn);
  const take = allowance.take.bind(allowance);
  const spy = vi.spyOn(allowance, "take").mockImplementation((good, principal) => {
    if (good === "calls") counts[counts.length - 1] = (counts.at(-1) ?? 0) + 1;
    return take(good, principal);
  });
  return {
    counts,
    [Symbol.dispose]() {
      isOver = true;
      spy.mockRestore();
    },
  };
}

it("begins a few of many calls in each round of the event loop, however many come in one read", async () => {
  const allowance = new Allowance({ most: { connections: 10, streams: 10, calls: 100 }, share: 0.5 });
  await using bench = await openExecutorBench(undefined, { allowance });
  const { pair } = await bench.client("ann");
  using raw = await rawConnection(bench.port, { roots: bench.pki.ca.roots, pair });
  expect(await statusOf(raw.open(listAll).end(nothing))).toMatchObject({ code: status.OK });
  using rounds = callsInRounds(allowance);
  const streams = Array.from({ length: 400 }, () => raw.open(listAll).end(nothing));
  const codes = (await Promise.all(streams.map(statusOf))).map((answer) => answer?.code);
  expect(new Set(codes).isSubsetOf(new Set([status.OK, status.RESOURCE_EXHAUSTED]))).toBe(true);
  expect(rounds.counts.reduce((sum, count) => sum + count)).toBe(400);
  expect(Math.max(...rounds.counts)).toBeLessThanOrEqual(16);
});

it("counts no call that was over before its turn, by its deadline or because its client went", async () => {
  const allowance = new Allowance();
  await using bench = await openExecutorBench(undefined, { allowance });
  const { pair } = await bench.client("ann");
  using raw = await rawConnection(bench.port, { roots: bench.pki.ca.roots, pair });
  const late = Array.from({ length: 400 }, () => raw.open(listAll, { "grpc-timeout": "1m" }));
  await Promise.all(late.map(statusOf));
  for (const stream of late) stream.end(nothing);
  await until(() => allowance.held("calls") === 0, { what: "calls given back" });
  const took = vi.spyOn(allowance, "take");
  for (let n = 0; n < 400; n += 1) raw.open(listAll);
  await until(() => took.mock.calls.some(([good]) => good === "calls"), { what: "the first call" });
  raw.session.destroy();
  const bob = await bench.client("bob");
  await bob.call("listAllExecutions", {});
  await until(() => allowance.held("calls") === 0, { what: "calls given back" });
  expect(bench.failures).toEqual([]);
});
