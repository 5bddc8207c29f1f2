import { once } from "node:events";
import type { ServiceError } from "@grpc/grpc-js";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { openLibraryDoor } from "../src/api/executor/library-door.ts";
import { StartedCommands } from "../src/api/executor/started-commands.ts";
import { type ExecutorBench, openExecutorBench } from "./support/executor-bench.ts";
import { until } from "./support/until.ts";

let bench: ExecutorBench;
let url: string;
beforeAll(async () => {
  bench = await openExecutorBench();
  url = await bench.api.listen();
});
afterAll(() => bench[Symbol.asyncDispose]());
afterEach(async () => {
  for (const name of ["ann", "executor", "admin"]) await lock(name, false);
});

/** What a lock has to end what is open; it takes milliseconds. */
const soonMs = 2000;

const lock = (name: string, locked = true) =>
  bench.api.call("POST /api/v1/certificates/lock", { as: "root", body: { name, locked } });

async function soon<Value>(ends: Promise<Value>): Promise<Value> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(reject, soonMs, new Error("Cannot see the end of what was open: it goes on"));
  return Promise.race([ends, late]).finally(() => clearTimeout(timer));
}

const get = (path: string, as: "ann" | "bob" = "ann", accept = "*/*") =>
  fetch(url + path, { headers: { authorization: `Bearer ${bench.api.tokens[as]}`, accept } });

/** "cut" for an answer that came to no end of its own. */
async function endOf(answer: Response): Promise<string> {
  return answer.arrayBuffer().then(
    () => "ended",
    () => "cut",
  );
}

describe("a lock", () => {
  it.each([
    ["output as bytes", "/output?follow=true", "application/octet-stream"],
    ["output as lines", "/output?follow=true", "application/x-ndjson"],
    ["output as events", "/output?follow=true", "text/event-stream"],
    ["events of a job", "/events", "text/event-stream"],
  ])("cuts the stream of %s over REST within two seconds", async (_what, path, accept) => {
    const { id } = await bench.api.runningJob();
    const mine = await get(`/api/v1/jobs/${id}${path}`, "ann", accept);
    expect(mine.status).toBe(200);
    const end = endOf(mine);
    expect((await lock("ann")).status).toBe(200);
    expect(await soon(end)).toBe("cut");
  });

  it("ends a wait over REST within two seconds, with the reason", async () => {
    const { id } = await bench.api.runningJob();
    const wait = get(`/api/v1/jobs/${id}?wait=60s`);
    await until(() => bench.api.context.locks.held === 1, { what: "the wait" });
    await lock("ann");
    const answer = await soon(wait);
    expect([answer.status, await answer.json()]).toMatchObject([
      403,
      { code: "FORBIDDEN", message: 'Cannot go on: "ann" is locked' },
    ]);
    expect(bench.api.context.locks.held).toBe(0);
  });

  it("shuts the holder of a token out of every route, and nobody else, until unlocked", async () => {
    await lock("ann");
    const path = "/api/v1/engines";
    expect([(await get(path)).status, (await get(path, "bob")).status]).toEqual([403, 200]);
    await lock("ann", false);
    expect((await get(path)).status).toBe(200);
  });

  it("cuts the streams and calls over gRPC of the same principal at the same moment", async () => {
    const { id } = await bench.api.runningJob();
    const client = await bench.client("ann");
    const of = { executionId: { value: id } };
    const rest = endOf(await get(`/api/v1/jobs/${id}/output?follow=true`));
    const ends = [
      once(
        client.open("getOutStream", of).on("data", () => undefined),
        "error",
      ),
      once(
        client.open("watchExecution", of).on("data", () => undefined),
        "error",
      ),
      client.call("getExecution", { ...of, waitMs: 60_000 }).catch((error: unknown) => [error]),
    ].map(async (end) => ((await end) as [ServiceError])[0].details);
    await until(() => bench.revocations.held === 3, { what: "the three calls" });
    await lock("ann");
    expect(await soon(Promise.all([rest, ...ends]))).toEqual([
      "cut",
      ...ends.map(() => expect.stringContaining('"ann" is locked') as string),
    ]);
  });

  it("is known to the library, whose calls it refuses", async () => {
    const { context } = bench.api;
    const door = openLibraryDoor(context, {
      started: new StartedCommands(),
      closing: new AbortController().signal,
    });
    await lock("executor");
    await expect(door.execute("true")).rejects.toMatchObject({ code: "FORBIDDEN" });
  });

  it("never shuts out the administrator who could take it back", async () => {
    const { locks } = bench.api.context;
    locks.set("admin", true);
    expect(() => locks.check({ name: "admin", role: "admin" })).not.toThrow();
    expect(() => locks.check({ name: "admin", role: "user" })).toThrow('"admin" is locked');
  });
});
