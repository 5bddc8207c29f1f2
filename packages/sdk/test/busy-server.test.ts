import { describe, expect, it } from "vitest";
import { Berth, isBerthError, type BerthError } from "../src/index.ts";
import { fail, ScriptedServer, send } from "./support/scripted-server.ts";

async function failureOf(work: Promise<unknown>): Promise<BerthError> {
  const error = await work.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (!isBerthError(error)) throw new Error("no BerthError", { cause: error });
  return error;
}

describe("a server that has too much to do", () => {
  const busy = async (retryAfter: string, times: number) => {
    const server = await new ScriptedServer().listen();
    const at: number[] = [];
    server.intercept = (_request, response) => {
      at.push(performance.now());
      if (at.length > times) return false;
      response.setHeader("retry-after", retryAfter);
      fail(response, "QUEUE_FULL", "Cannot submit job: the queue is full");
      return true;
    };
    return { server, at, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
  };

  it("is asked again with the same key, not before the time that it names", async () => {
    await using bench = await busy("1", 1);
    const { server, at } = bench;
    const job = await new Berth({ url: server.url }).jobs.submit({ command: "true" });
    expect(server.jobs.has(job.id)).toBe(true);
    expect(at).toHaveLength(2);
    expect((at[1] ?? 0) - (at[0] ?? 0)).toBeGreaterThanOrEqual(990);
    expect(new Set(server.requests.map(({ headers }) => headers["idempotency-key"])).size).toBe(1);
  });

  it("is not waited for longer than the patience lasts", async () => {
    await using bench = await busy("3600", 1);
    const failure = await failureOf(new Berth({ url: bench.server.url }).jobs.submit({ command: "true" }));
    expect([failure.code, failure.retryAfterMs, bench.at.length]).toEqual(["QUEUE_FULL", 3_600_000, 1]);
  });

  it("is asked again after a date, too", async () => {
    await using bench = await busy(new Date(Date.now() - 1000).toUTCString(), 2);
    await new Berth({ url: bench.server.url }).jobs.submit({ command: "true" });
    expect(bench.at).toHaveLength(3);
  });
});

it("carries what the server says of mending this very case", async () => {
  await using server = await new ScriptedServer().listen();
  server.intercept = (_request, response) => {
    const body = { code: "STORAGE_FAILED", message: "Cannot submit", fix: "Mount it", requestId: "r1" };
    send(response, 507, body);
    return true;
  };
  const failure = await failureOf(new Berth({ url: server.url }).jobs.submit({ command: "true" }));
  expect([failure.fix, failure.requestId]).toEqual(["Mount it", "r1"]);
});

it("tells when the server goes away while it is followed, and when it is back, once each", async () => {
  await using server = await new ScriptedServer().listen();
  const changes: string[] = [];
  const berth = new Berth({ url: server.url, onConnection: ({ state }) => changes.push(state) });
  const job = server.add();
  job.enter("running");
  let refused = 0;
  await berth.jobs.get(job.id);
  const done = berth.jobs.handle(job.id).done();
  await expect.poll(() => server.requests.length).toBe(2);
  server.intercept = (_request, response) => {
    if (refused === 4) return false;
    refused += 1;
    response.destroy();
    return true;
  };
  server.cutAll();
  await expect.poll(() => refused).toBe(4);
  job.enter("succeeded");
  await done;
  expect(changes).toEqual(["away", "back"]);
});
