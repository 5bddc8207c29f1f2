import { once } from "node:events";
import { connect } from "node:net";
import { status } from "@grpc/grpc-js";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Allowance } from "../src/auth/allowance.ts";
import { ApiBench } from "./support/api-bench.ts";
import { detailsOf, failure } from "./support/call-failure.ts";
import type { ExecutorClient } from "./support/executor-client.ts";
import { type ExecutorBench, openExecutorBench } from "./support/executor-bench.ts";
import { builtInAccess } from "./support/built-in-access.ts";
import { type RawConnection, rawConnection, statusOf } from "./support/raw-grpc.ts";
import { until } from "./support/until.ts";

const { isKeeper } = builtInAccess;
const get = "/ExecutorService/GetExecution";

describe("what one principal holds open, over both doors", () => {
  let allowance: Allowance;
  let bench: ExecutorBench;
  let url: string;
  let open: RawConnection[];
  beforeEach(async () => {
    allowance = new Allowance({ most: { connections: 8, streams: 8, calls: 20 }, share: 0.5, isKeeper });
    bench = await openExecutorBench(() => ({}), { allowance });
    url = await bench.api.listen();
    open = [];
  });
  afterEach(async () => {
    for (const connection of open) connection[Symbol.dispose]();
    await bench[Symbol.asyncDispose]();
  });

  async function rawOf(client: ExecutorClient & { pair: RawCredentials }): Promise<RawConnection> {
    const connection = await rawConnection(bench.port, { roots: bench.pki.ca.roots, pair: client.pair });
    open.push(connection);
    return connection;
  }

  function follow(as: "ann" | "root", id: string, signal: AbortSignal): Promise<Response> {
    const headers = { authorization: `Bearer ${bench.api.tokens[as]}` };
    return fetch(`${url}/api/v1/jobs/${id}/output?follow=true`, { headers, signal });
  }

  it("has a bound on streams that names itself, with a reserve for the administrator", async () => {
    const job = await bench.api.runningJob();
    const request = { executionId: { value: job.id } };
    const ann = await bench.client("ann");
    const streams = Array.from({ length: 3 }, () => ann.open("getOutStream", request).on("error", () => {}));
    await until(() => allowance.held("streams") === 3, { what: "three streams" });
    const gone = new AbortController();
    const fourth = await follow("ann", job.id, gone.signal);
    expect(fourth.status).toBe(200);

    const refusal = await failure(once(ann.open("getOutStream", request), "end"));
    expect(refusal.code).toBe(status.RESOURCE_EXHAUSTED);
    expect(detailsOf(refusal)).toMatchObject({ reason: "TOO_MANY_OPEN", retryAfter: 1 });
    const overRest = await follow("ann", job.id, gone.signal);
    expect([overRest.status, overRest.headers.get("retry-after")]).toEqual([429, "1"]);
    expect(await overRest.text()).toContain("BERTH_MAX_STREAMS");
    expect((await follow("root", job.id, gone.signal)).status).toBe(200);

    streams[0]?.cancel();
    await until(() => allowance.held("streams") === 4, { what: "the end of one" });
    expect((await follow("ann", job.id, gone.signal)).status).toBe(200);
    gone.abort();
    await until(() => allowance.held("streams") === 2, { what: "the end of those that were left" });
    for (const stream of streams) stream.cancel();
    await until(() => allowance.held("streams") === 0, { what: "the end of all" });
    await job.end();
  });

  it("has a bound on calls, and everybody else is served, and so is the caller when they are over", async () => {
    const ann = await bench.client("ann");
    const raw = await rawOf(ann);
    const calls = Array.from({ length: 10 }, () => raw.open(get).resume());
    await until(() => allowance.held("calls") === 10, { what: "ten calls" });
    expect(await statusOf(raw.open(get).end())).toMatchObject({ code: status.RESOURCE_EXHAUSTED });
    await (await bench.client("bob")).call("listAllExecutions", {});
    expect((await bench.api.call("GET /api/v1/jobs", { as: "root" })).status).toBe(200);
    // The cure works in the middle of it.
    await bench.revocations.revoke(ann.pair.record.serial);
    await until(() => allowance.held("calls") === 0, { what: "the end of all calls" });
    await until(() => calls.every(({ closed }) => closed), { what: "that each was told" });
  });

  it("has a bound on connections; one more is told why and let go", async () => {
    const ann = await bench.client("ann");
    await ann.call("listAllExecutions", {});
    for (let more = 0; more < 3; more += 1) (await rawOf(ann)).open(get);
    await until(() => allowance.held("connections") === 4, { what: "four connections" });
    const fifth = await rawOf(ann);
    const closed = once(fifth.session, "close");
    expect(await statusOf(fifth.open(get))).toMatchObject({
      code: status.RESOURCE_EXHAUSTED,
      message: expect.stringContaining("BERTH_MAX_CONNECTIONS") as string,
    });
    await closed;
    await (await bench.client("bob")).call("listAllExecutions", {});
    await ann.call("listAllExecutions", {});
    open[0]?.[Symbol.dispose]();
    await until(() => allowance.held("connections") < 5, { what: "the end of one" });
    const again = await bench.client("ann");
    await until(
      () =>
        again.call("listAllExecutions", {}).then(
          () => true,
          () => false,
        ),
      { what: "room" },
    );
  });
});

type RawCredentials = Awaited<ReturnType<ExecutorBench["client"]>>["pair"];

describe("connections over REST", () => {
  it("that nobody known uses give way, the oldest first, so that an administrator gets in", async () => {
    await using api = await ApiBench.open(() => ({}), { mostConnections: 8 });
    const url = new URL(await api.listen());
    const job = await api.runningJob();
    const headers = { authorization: `Bearer ${api.tokens.root}` };
    const stream = await fetch(new URL(`/api/v1/jobs/${job.id}/output?follow=true`, url), { headers });
    let cut = 0;
    for (let n = 0; n < 30; n += 1) {
      const socket = connect(Number(url.port), "127.0.0.1");
      socket.on("error", () => undefined).on("close", () => (cut += 1));
      await once(socket, "connect");
      socket.write("GET /healthz HTTP/1.1\r\nHost: localhost\r\n");
    }
    await until(() => cut >= 20, { what: "the end of the oldest" });
    expect((await fetch(new URL("/api/v1/jobs", url), { headers })).status).toBe(200);
    await job.write("still here");
    await job.end();
    expect(await stream.text()).toBe("still here");
    expect(cut).toBeLessThan(30);
  });
});
