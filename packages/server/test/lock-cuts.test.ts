import { once } from "node:events";
import { existsSync, mkdirSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ServiceError } from "@grpc/grpc-js";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { openLibraryDoor } from "../src/api/executor/library-door.ts";
import { StartedCommands } from "../src/api/executor/started-commands.ts";
import { createToken } from "../src/auth/tokens.ts";
import type { Context } from "../src/operations/context.ts";
import { openSqliteStore } from "../src/store/sqlite/open.ts";
import { type ExecutorBench, openExecutorBench } from "./support/executor-bench.ts";
import { ApiBench } from "./support/api-bench.ts";
import { type InProcessServer, startInProcessServer } from "./support/in-process-server.ts";
import { tempFolder } from "./support/temp-folder.ts";
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

/** As with BERTH_GRPC_CERTS. */
function withoutOwn(): Context["pki"] {
  const { pki } = bench.api.context;
  return pki && { ...pki, ca: null };
}

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

  it("cuts the download of an artifact over REST within two seconds", async () => {
    const { id } = await bench.api.jobOf("succeeded");
    const size = 2 ** 30;
    const { artifacts } = bench.api.context;
    const file = join(await artifacts.prepare(id), "large");
    writeFileSync(file, "");
    truncateSync(file, size);
    const items = [{ path: "large", size, modifiedAt: "2026-01-01T00:00:00.000Z" }];
    await artifacts.save(id, { items, skipped: [] }, { heldBytes: 0 });
    const mine = await get(`/api/v1/jobs/${id}/artifacts/large`);
    expect(mine.status).toBe(200);
    expect((await lock("ann")).status).toBe(200);
    // Only now is it read: it could not have ended before.
    expect(await soon(endOf(mine))).toBe("cut");
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

  it.each(["output", "wait"] as const)("ends an %s that is open in the library", async (kind) => {
    const { context } = bench.api;
    const { id } = await bench.api.runningJob("executor");
    const started = new StartedCommands();
    const door = openLibraryDoor(context, { started, closing: new AbortController().signal });
    const command = await door.find(id);
    const open = kind === "wait" ? command.wait() : Array.fromAsync(command.output());
    await until(() => context.locks.held > 0, { what: "what is open" });
    await lock("executor");
    await expect(soon(Promise.resolve(open))).rejects.toThrow('"executor" is locked');
    expect(context.locks.held).toBe(0);
  });

  it.each([
    ["speaks no gRPC", async () => ApiBench.open()],
    ["takes certificates of another authority", async () => ApiBench.open(() => ({ pki: withoutOwn() }))],
  ])("holds and is listed where the server %s, until unlocked", async (_what, open) => {
    await using api = await open();
    const turn = (locked: boolean) =>
      api.call("POST /api/v1/certificates/lock", { as: "root", body: { name: "bob", locked } });
    const listed = async (as: "root" | "ann"): Promise<unknown> =>
      (await api.call("GET /api/v1/certificates/locks", { as })).body;
    expect((await turn(true)).status).toBe(200);
    expect((await api.call("GET /api/v1/jobs", { as: "bob" })).status).toBe(403);
    const lockedAt = expect.any(String) as string;
    expect(await listed("root")).toEqual({ items: [{ name: "bob", lockedAt }] });
    expect(await listed("ann")).toEqual({ items: [] });
    expect((await api.context.store.locks.list()).map(({ name }) => name)).toEqual(["bob"]);
    expect((await turn(false)).status).toBe(200);
    expect((await api.call("GET /api/v1/jobs", { as: "bob" })).status).toBe(200);
    expect(await listed("root")).toEqual({ items: [] });
  });

  it("of an earlier version's register file holds from the first start on, and one since after every start", async () => {
    await using folder = tempFolder();
    const file = join(folder.path, "pki/certificates.jsonl");
    mkdirSync(join(folder.path, "pki"));
    writeFileSync(file, '{"op":"lock","principal":"bob"}\n');
    const start = () => startInProcessServer({ BERTH_DATA_DIR: folder.path });
    const names = async ({ api, url }: InProcessServer): Promise<string[]> => {
      const answer = await fetch(`${url}/api/v1/certificates/locks`, {
        headers: { authorization: api.authorization },
      });
      return ((await answer.json()) as { items: { name: string }[] }).items.map(({ name }) => name);
    };
    const asBob = async ({ url }: InProcessServer): Promise<number> => {
      const headers = { authorization: `Bearer ${text}` };
      return (await fetch(`${url}/api/v1/jobs`, { headers })).status;
    };
    const { text, stored } = createToken({ name: "bob", role: "user" }, { createdAt: Date.now() });
    const store = await openSqliteStore({ path: join(folder.path, "berth.db") });
    await store.tokens.insert(stored);
    await store[Symbol.asyncDispose]();
    for (let starts = 0; starts < 2; starts += 1) {
      await using server = await start();
      expect([await names(server), await asBob(server)]).toEqual([["bob"], 403]);
    }
    expect(existsSync(`${file}.migrated`)).toBe(true);
  });

  it("never shuts out the administrator who could take it back", async () => {
    const { locks } = bench.api.context;
    locks.set("admin", true);
    expect(() => locks.check({ name: "admin", roles: ["admin"] })).not.toThrow();
    expect(() => locks.check({ name: "admin", roles: ["developer"] })).toThrow('"admin" is locked');
  });
});
