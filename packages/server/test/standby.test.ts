import type { CreatedToken, JobList } from "@berth/protocol";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { executorClient } from "./support/executor-client.ts";
import { issuedPair } from "./support/issued-pair.ts";
import { Postgres, postgresIsMissing } from "./support/postgres.ts";
import type { ServerProcess } from "./support/server-process.ts";
import { type StandbyPair, standbyPair } from "./support/standby-pair.ts";
import { until } from "./support/until.ts";

const missing = postgresIsMissing();
if (missing !== null) console.log(`SKIPPED: a server that stands by, because ${missing}`);

/** Two servers of the same database, each with a folder of its own. */
describe.skipIf(missing !== null)("a server that stands by", () => {
  let postgres: Postgres;
  beforeAll(async () => {
    postgres = await Postgres.start();
  });
  afterAll(() => postgres[Symbol.asyncDispose]());

  let pair: StandbyPair;
  let first: ServerProcess;
  let second: Promise<ServerProcess>;
  let standby: string;
  beforeEach(async () => {
    pair = await standbyPair(postgres);
    ({ first, second, standby } = pair);
  });
  afterEach(() => pair?.[Symbol.asyncDispose]());

  const post = (path: string, body: object): Promise<Response> =>
    first.api.request(path, { method: "POST", body: JSON.stringify(body) });
  const tokenOf = async (user: string): Promise<CreatedToken> =>
    (await (await post("/api/v1/tokens", { user })).json()) as CreatedToken;
  const by = ({ token }: CreatedToken, url: string): Promise<Response> =>
    fetch(`${url}/api/v1/jobs`, { headers: { authorization: `Bearer ${token}` } });
  const readiness = async (): Promise<{ status: number; text: string }> => {
    const answer = await fetch(`${standby}/readyz`);
    return { status: answer.status, text: await answer.text() };
  };

  it("lives, says who has the database, and does nothing for anybody", async () => {
    const seen = await until(
      async () => {
        const now = await readiness();
        return now.text.includes(`pid ${first.pid}`) ? now : null;
      },
      { what: "who has the database" },
    );
    expect([seen.status, JSON.parse(seen.text)]).toMatchObject([
      503,
      {
        code: "STANDS_BY",
        message: expect.stringMatching(/stands by: server berth .+ has the database/) as string,
      },
    ]);
    for (const [method, path] of [
      ["GET", "/api/v1/jobs"],
      ["POST", "/api/v1/jobs"],
      ["POST", "/login"],
      ["GET", "/metrics"],
    ] as const) {
      const answer = await fetch(`${standby}${path}`, {
        method,
        headers: { authorization: first.api.authorization },
      });
      expect([path, answer.status, answer.headers.get("retry-after")]).toEqual([path, 503, "1"]);
      expect(await answer.text()).not.toContain("pid");
    }
    const credentials = await issuedPair(first.api, "ann");
    using client = executorClient(pair.secondGrpc, credentials);
    const calls = client.open("watchExecution", { executionId: { value: "x" } });
    const failure = await new Promise<{ code: number }>((resolve) => calls.on("error", resolve));
    expect(failure.code).toBe(14);
  });

  it("takes over after kill -9, knows what was revoked the moment before, and runs nothing twice", async () => {
    for (const name of ["ann", "bob"]) {
      await post("/api/v1/users", { name });
      await post("/api/v1/bindings", { user: name, role: "viewer" });
    }
    const [revoked, kept, locked] = [await tokenOf("ann"), await tokenOf("ann"), await tokenOf("bob")];
    const runs = await first.api.submit({ command: "fake", args: ["hang"] });
    await until(async () => (await first.api.job(runs.id)).state === "running", { what: "the job" });
    await first.api.end((await first.api.submit({ command: "fake", args: ["exit=0"] })).id);
    const before = (await first.api.jobs()).map(({ id }) => id).toSorted();
    const stream = await fetch(`${first.url}/api/v1/jobs/${runs.id}/events`, {
      headers: { authorization: `Bearer ${locked.token}`, accept: "text/event-stream" },
    });
    const ended = stream.text().then(
      () => performance.now(),
      () => performance.now(),
    );
    const cutAt = performance.now();
    await post("/api/v1/users/bob/lock", {});
    console.log(`lock with a standby beside: open for ${Math.round((await ended) - cutAt)} ms more`);
    await first.api.request(`/api/v1/tokens/${revoked.id}`, { method: "DELETE" });
    const begun = performance.now();
    await first.kill();
    const now = await second;
    console.log(
      `takeover after kill -9: ready after ${Math.round(performance.now() - begun)} ms, 1000 of them grace`,
    );
    expect((await by(revoked, now.url)).status).toBe(401);
    expect((await by(locked, now.url)).status).toBe(403);
    const seen = (await (await by(kept, now.url)).json()) as JobList;
    expect(seen.items.map(({ id }) => id).toSorted()).toEqual(before);
    expect(await now.api.end(runs.id)).toMatchObject({
      state: "lost",
      cause: { code: "lost", message: expect.stringContaining("another data folder") as string },
    });
    expect((await now.api.events(runs.id)).filter(({ type }) => type === "running")).toHaveLength(1);
  });

  it("never starts what the other may have begun and nobody recorded", async () => {
    const { id } = await first.api.submit({ command: "fake", args: ["hang"] });
    await until(async () => (await first.api.job(id)).state === "running", { what: "the job" });
    await first.kill();
    // As where it died between the start and the word of it.
    await postgres.query(
      postgres.lastDatabase,
      `UPDATE job SET state = 'preparing', started_at = NULL, deadline_at = NULL WHERE id = '${id}'`,
    );
    const now = await second;
    expect((await now.api.end(id)).state).toBe("lost");
    expect((await now.api.events(id)).at(-1)?.type).toBe("lost");
  });

  it("lets who had the database come back within the grace", async () => {
    await postgres.query(
      postgres.lastDatabase,
      "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'",
    );
    const { id } = await first.api.submit({ command: "fake", args: ["exit=0"] });
    expect((await first.api.end(id)).state).toBe("succeeded");
    expect((await readiness()).status).toBe(503);
  });

  it("takes over from one that is cut off, which does without the database until it can ask", async () => {
    const begun = performance.now();
    await pair.proxy[Symbol.asyncDispose]();
    await second;
    console.log(`takeover from one without a connection: ${Math.round(performance.now() - begun)} ms`);
    const refused = await post("/api/v1/users", { name: "late" });
    expect(refused.status).toBe(503);
  });

  it("takes over from one that stood still, which ends when it goes on", async () => {
    process.kill(first.pid, "SIGSTOP");
    await postgres.query(
      postgres.lastDatabase,
      "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'",
    );
    const now = await second;
    process.kill(first.pid, "SIGCONT");
    expect((await first.exit()).code).toBe(1);
    expect(first.log.join("\n")).toContain("another server");
    const { id } = await now.api.submit({ command: "fake", args: ["exit=0"] });
    expect((await now.api.end(id)).state).toBe("succeeded");
  });
});
