import type { CreatedToken, LoggedIn } from "@berth/protocol";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { hashRandomPassword } from "../src/auth/passwords/hash-password.ts";
import { executorClient } from "./support/executor-client.ts";
import { type InProcessServer, startInProcessServer } from "./support/in-process-server.ts";
import { issuedPair } from "./support/issued-pair.ts";
import { Postgres, postgresIsMissing } from "./support/postgres.ts";

const missing = postgresIsMissing();
if (missing !== null) console.log(`SKIPPED: what another server ends, because ${missing}`);

const password = "correct horse battery staple";

/**
 * One server at a time has a database: what another one wrote that took it over, or does so as this one has not noticed yet, is
 * written here by statements of another connection, as it would.
 */
describe.skipIf(missing !== null)("what is ended elsewhere", () => {
  let postgres: Postgres;
  let server: InProcessServer;
  let job: string;
  beforeAll(async () => {
    postgres = await Postgres.start();
    const url = await postgres.database();
    server = await startInProcessServer({
      BERTH_DATABASE: url.reveal(),
      BERTH_GRPC_ADDRESS: "127.0.0.1:0",
      BERTH_GRPC_KEY: "ec-p256",
    });
    await ask("POST /api/v1/users", { name: "ann" });
    await ask("POST /api/v1/users", { name: "bob" });
    const hash = hashRandomPassword(password);
    await sql(`UPDATE account SET password = '${hash}', must_change = 0`);
    job = (await server.api.submit({ command: "fake", args: ["hang"] })).id;
    for (const name of ["ann", "bob"]) await ask("POST /api/v1/bindings", { user: name, role: "viewer" });
  });
  afterAll(async () => {
    await server.api.stop(job, "0s");
    await server.api.end(job);
    await server[Symbol.asyncDispose]();
    await postgres[Symbol.asyncDispose]();
  });

  const sql = (query: string): Promise<unknown> => postgres.query(postgres.lastDatabase, query);
  async function ask<Body>(request: string, body?: object): Promise<Body> {
    const [method = "", path = ""] = request.split(" ");
    const answer = await server.api.request(path, {
      method,
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    expect([request, answer.status < 300]).toEqual([request, true]);
    return (await answer.json()) as Body;
  }

  /** What somebody holds open, each by another credential: a stream, a wait, a stream over gRPC. Each says when it has ended. */
  async function holding(name: string) {
    const login = await fetch(`${server.url}/api/v1/login`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ name, password }),
    });
    const session = (await login.json()) as LoggedIn;
    const token = await ask<CreatedToken>("POST /api/v1/tokens", { user: name });
    const { serial, ...credentials } = await issuedPair(server.api, name);
    const client = executorClient(server.grpcPort, credentials);
    const get = (path: string, text: string): Promise<Response> =>
      fetch(`${server.url}/api/v1/jobs/${job}${path}`, {
        headers: { authorization: `Bearer ${text}`, accept: "text/event-stream" },
      });
    const ended: string[] = [];
    const note = (what: string, end: Promise<unknown>): Promise<void> =>
      end
        .then(
          () => undefined,
          () => undefined,
        )
        .then(() => void ended.push(what));
    const stream = await get("/events", session.token);
    const calls = client.open("watchExecution", { executionId: { value: job } });
    const grpc = new Promise<void>((resolve) =>
      calls.on("error", () => resolve()).on("data", () => undefined),
    );
    await new Promise((resolve) => calls.once("data", resolve));
    const ends = {
      session: note("session", stream.text()),
      token: note("token", (await get("/output?follow=true", token.token)).text()),
      certificate: note("certificate", grpc),
    };
    return {
      ids: { session: session.session.id, token: token.id, certificate: serial },
      ends,
      ended,
      client,
    };
  }

  let ann: Awaited<ReturnType<typeof holding>>;
  let bob: typeof ann;
  beforeEach(async () => {
    [ann, bob] = [await holding("ann"), await holding("bob")];
    return () => {
      for (const { client } of [ann, bob]) client[Symbol.dispose]();
    };
  });

  it.each([
    ["session", (id: string) => `DELETE FROM session WHERE id = '${id}'`],
    ["token", (id: string) => `DELETE FROM token WHERE id = '${id}'`],
    ["certificate", (id: string) => `UPDATE certificate SET revoked_at = 1 WHERE serial = '${id}'`],
  ] as const)("ends what is open by the %s alone", async (kind, statement) => {
    const begun = performance.now();
    await sql(statement(ann.ids[kind]));
    await ann.ends[kind];
    console.log(
      `${kind} that another connection ends: open for ${Math.round(performance.now() - begun)} ms more`,
    );
    expect([ann.ended, bob.ended]).toEqual([[kind], []]);
  });

  it("ends all that a locked account has open, on every door, and nothing of others", async () => {
    const begun = performance.now();
    await sql("INSERT INTO principal_lock (name, locked_at) VALUES ('ann', 1)");
    await Promise.all(Object.values(ann.ends));
    console.log(`lock by another connection: open for ${Math.round(performance.now() - begun)} ms more`);
    expect(bob.ended).toEqual([]);
  });
});
