import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createToken } from "../src/auth/tokens.ts";
import { type InProcessServer, startInProcessServer } from "./support/in-process-server.ts";
import { Postgres, postgresIsMissing } from "./support/postgres.ts";
import { until } from "./support/until.ts";

const missing = postgresIsMissing();
if (missing !== null) console.log(`SKIPPED: jobs on PostgreSQL, because ${missing}`);

const files = { "in.txt": "given" };

describe.skipIf(missing !== null)("a server on PostgreSQL", () => {
  let postgres: Postgres;
  let server: InProcessServer;

  beforeAll(async () => {
    postgres = await Postgres.start();
    const url = await postgres.database();
    server = await startInProcessServer({ BERTH_DATABASE: url.reveal(), BERTH_MAX_JOBS: "2" });
  });
  afterAll(async () => {
    await server[Symbol.asyncDispose]();
    await postgres[Symbol.asyncDispose]();
  });

  it("takes over locks and roles that somebody changes in the database itself, also in a gap", async () => {
    const { text, stored } = createToken({ name: "ann", role: "user" }, { createdAt: 1 });
    const database = postgres.lastDatabase;
    const sql = (query: string): Promise<unknown> => postgres.query(database, query);
    await sql(
      `INSERT INTO token (id, hash, principal, role, created_at) VALUES ('t', '${stored.hash}', 'ann', 'user', 1)`,
    );
    const headers = { authorization: `Bearer ${text}`, accept: "text/event-stream" };
    const ask = (path: string): Promise<Response> => fetch(server.url + path, { headers });
    const isShutOut = async (): Promise<boolean> => (await ask("/api/v1/jobs")).status === 403;
    const answer = await fetch(`${server.url}/api/v1/jobs`, {
      method: "POST",
      headers: { ...headers, accept: "*/*", "content-type": "application/json" },
      body: JSON.stringify({ command: "fake", args: ["hang"] }),
    });
    const { id } = (await answer.json()) as { id: string };
    const stream = await ask(`/api/v1/jobs/${id}/events`);
    const end = stream.text().then(
      () => "ended",
      () => "cut",
    );
    await sql("INSERT INTO principal_lock (name, locked_at) VALUES ('ann', 1)");
    expect(await end).toBe("cut");
    expect(await isShutOut()).toBe(true);
    await sql("DELETE FROM principal_lock");
    await until(async () => !(await isShutOut()), { what: "ann to be let in" });
    await postgres.down("fast");
    await postgres.up();
    await sql("INSERT INTO principal_lock (name, locked_at) VALUES ('ann', 1)");
    await until(isShutOut, { what: "ann to be shut out" });
    await sql("TRUNCATE principal_lock");
    await until(async () => !(await isShutOut()), { what: "ann to be let in again" });
    const readsCounters = async (): Promise<boolean> => (await ask("/metrics")).status === 200;
    expect(await readsCounters()).toBe(false);
    await sql(
      "INSERT INTO role_binding (id, role, kind, subject, created_at) VALUES ('b', 'operator', 'user', 'ann', 1)",
    );
    await until(readsCounters, { what: "ann to have the role" });
    await sql("INSERT INTO quota_bound (kind, subject, jobs) VALUES ('user', 'ann', 7)");
    const isBounded = async (): Promise<boolean> => (await ask("/api/v1/quotas/ann")).status === 200;
    await until(isBounded, { what: "ann to have a quota" });
    expect(await (await ask("/api/v1/quotas/ann")).json()).toMatchObject({ jobs: 7, used: { jobs: 1 } });
    await sql("DELETE FROM quota_bound");
    await until(async () => !(await isBounded()), { what: "ann to have none any more" });
    await sql("DELETE FROM role_binding");
    const again = (await ask(`/api/v1/jobs/${id}/events`)).text().then(
      () => "ended",
      () => "cut",
    );
    await until(async () => !(await readsCounters()), { what: "ann to have lost the role" });
    await sql("DELETE FROM token WHERE id = 't'");
    expect(await again).toBe("cut");
    expect((await ask("/api/v1/jobs")).status).toBe(401);
    await server.api.stop(id, "0s");
    await server.api.end(id);
    await server.api.delete(id);
  });

  it("lets jobs go on while the database is away, and records all of them once when it is back", async () => {
    const runs = { command: "fake", args: ["print=begin", "run-for=1s", "print=end", "exit=3"], files };
    const jobs = await Promise.all([runs, runs, runs].map((spec) => server.api.submit(spec)));
    await until(async () => (await server.api.job(jobs[0]?.id ?? "")).state === "running", {
      what: "a start",
    });
    await postgres.down("immediate");
    // Longer than anybody waits for a restart, and longer than the jobs take.
    const away = performance.now();
    await expect(server.api.submit(runs)).rejects.toThrow(/answer 503: .*DATABASE_UNAVAILABLE/);
    await until(() => performance.now() - away > 6000, { what: "the end of the absence" });
    await postgres.up();
    // Its doors are open again once the database has answered.
    const isOpen = async () => (await server.api.request("/api/v1/whoami")).status === 200;
    await until(isOpen, { what: "open doors" });
    for (const { id } of jobs) {
      const ended = await server.api.end(id);
      expect(ended).toMatchObject({ state: "failed", exitCode: 3, cause: { code: "exit" } });
      expect(await server.api.output(id)).toBe("begin\nend\n");
      const types = (await server.api.events(id)).map(({ type }) => type);
      expect(types).toEqual(["queued", "preparing", "running", "failed"]);
    }
    expect(await server.api.jobs()).toHaveLength(3);
  });
});
