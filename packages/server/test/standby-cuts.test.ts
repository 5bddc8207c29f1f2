import type { Job, JobList, LoggedIn } from "@berth/protocol";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { hashRandomPassword } from "../src/auth/passwords/hash-password.ts";
import { type ExecutorClient, executorClient } from "./support/executor-client.ts";
import { issuedPair } from "./support/issued-pair.ts";
import { Postgres, postgresIsMissing } from "./support/postgres.ts";
import { type StandbyPair, standbyPair } from "./support/standby-pair.ts";
import { until } from "./support/until.ts";

const missing = postgresIsMissing();
if (missing !== null) console.log(`SKIPPED: what ends beside a standby, because ${missing}`);

const password = "correct horse battery staple";
/** Unauthenticated and permission denied, of gRPC. */
const refusedCodes: readonly unknown[] = [7, 16];

/** Two servers of the same database: what ends while one stands by, and what it holds to once it has taken over. */
describe.skipIf(missing !== null)("beside a server that stands by", () => {
  let postgres: Postgres;
  beforeAll(async () => {
    postgres = await Postgres.start();
  });
  afterAll(() => postgres[Symbol.asyncDispose]());

  let pair: StandbyPair;
  beforeEach(async () => {
    pair = await standbyPair(postgres);
  });
  afterEach(() => pair?.[Symbol.asyncDispose]());

  const sql = (query: string) => postgres.query(postgres.lastDatabase, query);
  async function ask<Body>(request: string, body?: object): Promise<Body> {
    const [method = "", path = ""] = request.split(" ");
    const answer = await pair.first.api.request(path, {
      method,
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    expect([request, answer.status < 300]).toEqual([request, true]);
    return (answer.status === 204 ? null : await answer.json()) as Body;
  }

  async function people(names: readonly string[]): Promise<void> {
    for (const name of names) {
      await ask("POST /api/v1/users", { name });
      for (const role of ["viewer", "developer"]) await ask("POST /api/v1/bindings", { user: name, role });
    }
    await sql(`UPDATE account SET password = '${hashRandomPassword(password)}', must_change = 0`);
  }

  async function credentialsOf(name: string) {
    const login = await fetch(`${pair.first.url}/api/v1/login`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ name, password }),
    });
    const session = (await login.json()) as LoggedIn;
    return { session, certificate: await issuedPair(pair.first.api, name) };
  }
  type Credentials = Awaited<ReturnType<typeof credentialsOf>>;

  /** A stream and a wait by the session, a stream of gRPC by the certificate: each says when it has ended, and how. */
  async function holding({ session, certificate }: Credentials, job: string) {
    const headers = { authorization: `Bearer ${session.token}` };
    const ended = new Map<string, { at: number; how: string }>();
    const note = (what: string, end: Promise<unknown>): Promise<unknown> =>
      end.catch(String).then((how) => ended.set(what, { at: performance.now(), how: String(how) }));
    const at = `${pair.first.url}/api/v1/jobs`;
    const stream = await fetch(`${at}/${job}/events`, {
      headers: { ...headers, accept: "text/event-stream" },
    });
    const client = executorClient(pair.first.grpcPort ?? 0, certificate);
    const calls = client.open("watchExecution", { executionId: { value: job } });
    const over = new Promise((resolve) => calls.on("error", resolve).on("end", resolve));
    await new Promise((resolve) => calls.once("data", resolve));
    const all = Promise.all([
      note("session", stream.text()),
      note(
        "wait",
        fetch(`${at}/${job}?wait=50s`, { headers }).then((answer) => answer.text()),
      ),
      note("certificate", over),
    ]);
    return { ended, all, client };
  }

  const bySession = async ({ session }: Credentials, url: string): Promise<number> =>
    (await fetch(`${url}/api/v1/jobs`, { headers: { authorization: `Bearer ${session.token}` } })).status;
  /** What comes first: null for an answer, else the code of the refusal. */
  const byCertificate = ({ certificate }: Credentials, port: number, job: string): Promise<unknown> => {
    const client: ExecutorClient = executorClient(port, certificate);
    const calls = client.open("watchExecution", { executionId: { value: job } });
    return new Promise<unknown>((resolve) => {
      calls.on("error", ({ code }: { code?: unknown }) => resolve(code)).once("data", () => resolve(null));
    }).finally(() => client[Symbol.dispose]());
  };

  it("a lock ends sessions, certificates and waits within 2 s, and what was taken the moment before a kill stays taken", async () => {
    await people(["ann", "bob", "cleo", "dan"]);
    const { id } = await pair.first.api.submit({ command: "fake", args: ["hang"] });
    await until(async () => (await pair.first.api.job(id)).state === "running", { what: "the job" });
    const [ann, bob, cleo, dan] = [
      await credentialsOf("ann"),
      await credentialsOf("bob"),
      await credentialsOf("cleo"),
      await credentialsOf("dan"),
    ];
    const [of, others] = [await holding(ann, id), await holding(bob, id)];
    using scope = new DisposableStack();
    for (const { client } of [of, others]) scope.use(client);
    // The wait has to be there when the lock comes: nothing tells.
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect([of.ended.size, others.ended.size]).toEqual([0, 0]);

    const begun = performance.now();
    await ask("POST /api/v1/users/ann/lock", {});
    await of.all;
    const open = Object.fromEntries([...of.ended].map(([what, { at }]) => [what, Math.round(at - begun)]));
    console.log(`lock with a standby beside, ms until each ended: ${JSON.stringify(open)}`);
    expect(Math.max(...Object.values(open))).toBeLessThan(2000);
    expect(of.ended.get("wait")?.how).not.toContain(id);
    expect([...others.ended.keys()]).toEqual([]);

    await ask(`DELETE /api/v1/sessions/${cleo.session.session.id}`);
    await ask(`POST /api/v1/certificates/${cleo.certificate.serial}/revoke`, {});
    await ask("POST /api/v1/users/dan/lock", {});
    await pair.first.kill();
    const { url } = await pair.second;
    const taken = [ann, cleo, dan];
    const grpc = await Promise.all(taken.map((who) => byCertificate(who, pair.secondGrpc, id)));
    expect(await Promise.all(taken.map((who) => bySession(who, url)))).toEqual([403, 401, 403]);
    console.log(`codes of gRPC at the successor: ${grpc.join(", ")}`);
    expect(grpc.filter((code) => !refusedCodes.includes(code))).toEqual([]);
    expect([await bySession(bob, url), await byCertificate(bob, pair.secondGrpc, id)]).toEqual([200, null]);
  });

  it("what a schedule is due for after its server's end is run by the other, once", async () => {
    await ask("POST /api/v1/runners", { name: "plain", spec: {} });
    await ask("POST /api/v1/tasks", {
      name: "report",
      spec: { runner: "plain", command: "fake exit=0" },
    });
    // The 29th of February, lest anything comes by the clock of the host.
    await ask("POST /api/v1/schedules", { name: "nightly", spec: { task: "report", cron: "0 0 29 2 *" } });
    const dueAt = Date.now() + 2000;
    const changed = await sql(
      `UPDATE schedule SET next_at = ${dueAt} WHERE name = 'nightly' RETURNING next_at`,
    );
    expect(changed).toHaveLength(1);
    await pair.first.kill();
    expect(Date.now()).toBeLessThan(dueAt);
    const now = await pair.second;
    const runs = async (): Promise<Job[]> => {
      const answer = await now.api.request("/api/v1/jobs?name=nightly");
      return ((await answer.json()) as JobList).items;
    };
    await until(async () => (await runs()).length > 0, { what: "the run", timeoutMs: 20_000 }).catch(
      async (cause: unknown) => {
        const seen = [await sql("SELECT * FROM schedule"), await sql("SELECT * FROM schedule_run")];
        throw new Error(`${JSON.stringify(seen)}\n${now.log.slice(-20).join("\n")}`, { cause });
      },
    );
    const [run] = await runs();
    expect((await now.api.end(run?.id ?? "")).state).toBe("succeeded");
    expect(await sql("SELECT outcome, missed::int AS missed FROM schedule_run")).toEqual([
      { outcome: "submitted", missed: 0 },
    ]);
    expect(await runs()).toHaveLength(1);
  });
});
