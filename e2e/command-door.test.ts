import { once } from "node:events";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createToken } from "../packages/server/src/auth/tokens.ts";
import { openSqliteStore } from "../packages/server/src/store/sqlite/open.ts";
import { ApiClient } from "../packages/server/test/support/api-client.ts";
import { type CommandDoor, openCommandDoor } from "../packages/server/test/support/command-door.ts";
import { subject as local } from "../packages/server/test/support/local-subject.ts";
import {
  type StockClient,
  stockClient,
  stockClientIsMissing,
} from "../packages/server/test/support/stock-client.ts";
import { until } from "../packages/server/test/support/until.ts";

const missing = (await local.missing()) ?? stockClientIsMissing();
if (missing !== null)
  console.log(`SKIPPED: 11 tests with a client of the original design, because ${missing}`);

const nobodys = "01890000-0000-7000-8000-000000000000";
const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

let door: CommandDoor;
let python: StockClient;
let token: string;

/** One job at a time, so that a second one waits. */
async function open(): Promise<void> {
  door = await openCommandDoor({
    env: { BERTH_MAX_JOBS: "1" },
    prepare: async (root) => {
      token = await giveToken(join(root, "data"), "client1");
    },
  });
  const target = (): string => `localhost:${door.port}`;
  python = await stockClient({ folder: door.bench.root, certs: door.certs, target });
}

/** A token of somebody who is not the administrator. */
async function giveToken(dataDir: string, name: string): Promise<string> {
  await mkdir(dataDir);
  await using store = await openSqliteStore({ path: join(dataDir, "berth.db") });
  const { text, stored } = createToken({ name, role: "user" }, { createdAt: Date.now() });
  await store.tokens.insert(stored);
  return text;
}

async function answerOf(name: string, ...args: string[]): Promise<Record<string, unknown>> {
  const { lines } = await python.call(name, ...args);
  expect(lines).toHaveLength(1);
  return lines[0] ?? {};
}

async function start(name: string, ...command: string[]): Promise<string> {
  const { id } = await answerOf(name, "start", ...command);
  expect(id).toMatch(uuid);
  return String(id);
}

async function untilStatus(id: string, wanted: string): Promise<Record<string, unknown>> {
  return until(
    async () => {
      const shown = await answerOf("client1", "status", id);
      return shown["status"] === wanted && shown;
    },
    { what: `"${wanted}" of ${id}` },
  );
}

describe.skipIf(missing !== null)("a client of the original design, and nothing else", () => {
  beforeAll(open);
  afterAll(() => door[Symbol.asyncDispose]());

  it("C3, C6, C8: executes a command with arguments, and sees it FINISHED with its exit code, 0 too", async () => {
    for (const code of [0, 3]) {
      const id = await start("client1", "sh", "-c", 'exit "$0"', String(code));
      expect(await untilStatus(id, "FINISHED")).toEqual({ id, status: "FINISHED", exitCode: code });
    }
  });

  it("C6: sees NOT_STARTED in the queue, then RUNNING, both without an exit code, then ABORTED with 128 + signal", async () => {
    const busy = await start("client1", "sleep", "1000");
    const waits = await start("client1", "sleep", "1000");
    expect(await untilStatus(busy, "RUNNING")).toEqual({ id: busy, status: "RUNNING" });
    expect(await answerOf("client1", "status", waits)).toEqual({ id: waits, status: "NOT_STARTED" });
    expect(await answerOf("client1", "stop", busy)).toEqual({ id: busy, status: "STOPPED", exitCode: 143 });
    expect(await answerOf("client1", "status", busy)).toEqual({
      id: busy,
      status: "ABORTED",
      exitCode: 143,
    });
    await untilStatus(waits, "RUNNING");
    await answerOf("client1", "stop", waits);
  });

  it("C6: shows a program that does not exist as NOT_STARTED, with the exit code that a shell has for it", async () => {
    const id = await start("client1", "/no/such/program");
    await door.server.api.end(id);
    expect(await answerOf("client1", "status", id)).toEqual({ id, status: "NOT_STARTED", exitCode: 127 });
  });

  it("C4: stops with TERM, with KILL where TERM is ignored, and answers the end of what has ended already", async () => {
    const stubborn = await start(
      "client1",
      "sh",
      "-c",
      'trap "" TERM; echo ready; while :; do sleep 1; done',
    );
    await until(async () => (await door.server.api.output(stubborn)) !== "", { what: "the trap" });
    const killed = { id: stubborn, status: "KILLED", exitCode: 137 };
    expect(await answerOf("client1", "stop", stubborn)).toEqual(killed);
    expect(await answerOf("client1", "stop", stubborn)).toEqual(killed);
    const ended = await start("client1", "sh", "-c", "exit 7");
    await untilStatus(ended, "FINISHED");
    expect(await answerOf("client1", "stop", ended)).toEqual({ id: ended, status: "STOPPED", exitCode: 7 });
    expect(await answerOf("client1", "status", ended)).toMatchObject({ status: "FINISHED" });
  });

  it("C7, C9: gets stdout and stderr from the first byte, while it runs and after, every byte as it was", async () => {
    const script = `binmode STDOUT; $| = 1; print pack("C*", 0..255) x 1024; print STDERR "err\\n"; sleep 1000`;
    const id = await start("client1", "perl", "-e", script);
    const bytes = Buffer.alloc(256 * 1024, Buffer.from(Uint8Array.from({ length: 256 }, (_, n) => n)));
    const early = python.begin("client1", "output", id);
    let seen = Buffer.alloc(0);
    early.stdout?.on("data", (chunk: Buffer) => (seen = Buffer.concat([seen, chunk])));
    await until(() => seen.length === bytes.length + 4, { what: "all that was written, while it runs" });
    expect(early.exitCode).toBeNull();
    await answerOf("client1", "stop", id);
    if (early.exitCode === null) await once(early, "exit");
    expect(early.exitCode).toBe(0);
    const late = await python.call("client1", "output", id);
    for (const all of [seen, late.bytes]) {
      expect(all.length).toBe(bytes.length + 4);
      const at = all.indexOf("err\n");
      expect(Buffer.concat([all.subarray(0, at), all.subarray(at + 4)]).equals(bytes)).toBe(true);
    }
  });

  it("C5, C14, C24: lists one's own, finished ones too, and nobody else's", async () => {
    const mine = await start("client1", "true");
    const theirs = await start("client2", "true");
    for (const id of [mine, theirs]) await door.server.api.end(id);
    const list = async (name: string) => (await python.call(name, "list")).lines.map(({ id }) => id);
    const [first, second] = [await list("client1"), await list("client2")];
    expect(first).toContain(mine);
    expect(first).not.toContain(theirs);
    expect(second).toEqual([theirs]);
  });

  it.each(["status", "stop", "output"])(
    "C14: %s of a foreign, an unknown or a malformed id is NOT_FOUND",
    async (call) => {
      const id = await start("client1", "true");
      await door.server.api.end(id);
      for (const wanted of [id, nobodys, "", "1234"]) {
        const { code, lines } = await python.call("client2", call, wanted);
        expect(lines).toEqual([{ error: "NOT_FOUND", details: `Cannot find job "${wanted}"` }]);
        expect(code).toBe(1);
      }
    },
  );

  it("is told INVALID_ARGUMENT when it asks for no command", async () => {
    expect(await answerOf("client1", "start", "")).toMatchObject({ error: "INVALID_ARGUMENT" });
  });

  it("C14: shares its executions with the REST API, where the token is of the same principal, in both directions", async () => {
    const api = new ApiClient({ url: door.server.url, token });
    const { id } = await api.submit({ command: "sh", args: ["-c", "echo over REST; exit 4"] });
    expect(await untilStatus(id, "FINISHED")).toMatchObject({ exitCode: 4 });
    expect((await python.call("client1", "output", id)).bytes.toString()).toBe("over REST\n");
    expect(await answerOf("client2", "status", id)).toMatchObject({ error: "NOT_FOUND" });
    const back = await start("client1", "sh", "-c", "echo over gRPC; sleep 1000");
    await until(async () => (await api.output(back)) === "over gRPC\n", { what: "the output over REST" });
    expect(await api.job(back)).toMatchObject({ owner: "client1" });
    await api.stop(back, "5s");
    expect(await api.end(back)).toMatchObject({ state: "canceled" });
    expect(await answerOf("client1", "status", back)).toEqual({ id: back, status: "ABORTED", exitCode: 143 });
    const foreign = await start("client2", "true");
    expect((await api.request(`/api/v1/jobs/${foreign}`)).status).toBe(404);
  });
});
