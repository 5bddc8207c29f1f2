import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { executorClient } from "./support/executor-client.ts";
import { type HeldOpen, holdOpen } from "./support/held-open.ts";
import { issuedPair } from "./support/issued-pair.ts";
import { Postgres, postgresIsMissing } from "./support/postgres.ts";
import { ServerProcess } from "./support/server-process.ts";
import { type StandbyPair, standbyPair } from "./support/standby-pair.ts";
import { tempFolder } from "./support/temp-folder.ts";
import { until } from "./support/until.ts";

const missing = postgresIsMissing();
if (missing !== null) console.log(`SKIPPED: what two servers of a database show at once, because ${missing}`);

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

describe.skipIf(missing !== null)("two servers of a database", () => {
  let postgres: Postgres;
  beforeAll(async () => {
    postgres = await Postgres.start();
  });
  afterAll(() => postgres[Symbol.asyncDispose]());

  let pair: StandbyPair;
  let scope: AsyncDisposableStack;
  let open: HeldOpen[];
  let authorization: string;
  let job: string;
  beforeEach(async () => {
    scope = new AsyncDisposableStack();
    pair = await standbyPair(postgres);
    scope.use(pair);
    const { first } = pair;
    for (const [path, body] of [
      ["users", { name: "ann" }],
      ["bindings", { user: "ann", role: "viewer" }],
    ] as const)
      await first.api.request(`/api/v1/${path}`, { method: "POST", body: JSON.stringify(body) });
    const token = await first.api.request("/api/v1/tokens", {
      method: "POST",
      body: JSON.stringify({ user: "ann" }),
    });
    authorization = `Bearer ${((await token.json()) as { token: string }).token}`;
    job = (await first.api.submit({ command: "fake", args: ["tick=1500:50ms"] })).id;
    await until(async () => (await first.api.job(job)).state === "running", { what: "the job" });
    const grpc = scope.use(executorClient(first.grpcPort ?? 0, await issuedPair(first.api, "ann")));
    open = await holdOpen({ url: first.url, authorization, grpc, job });
  });
  afterEach(() => scope?.disposeAsync());

  const stillOpen = (): string[] => open.filter(({ endedAt }) => endedAt === null).map(({ what }) => what);
  const received = (): Record<string, number> =>
    Object.fromEntries(open.map(({ what, received: count }) => [what, count]));
  const lockOfTheFirst = () =>
    postgres.query(
      postgres.lastDatabase,
      "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'",
    );

  it("never show anything at once: one that is cut off has shut its doors before the other opens its own", async () => {
    expect(stillOpen()).toHaveLength(5);
    const cutAt = performance.now();
    pair.proxy.fallSilent();
    await Promise.all(open.map(({ ended }) => ended));
    const shutAt = performance.now();
    const refused = await fetch(`${pair.first.url}/api/v1/jobs`, { headers: { authorization } });
    expect([refused.status, await refused.json()]).toMatchObject([503, { code: "DATABASE_UNAVAILABLE" }]);
    expect((await fetch(`${pair.first.url}/healthz`)).status).toBe(200);
    expect((await fetch(`${pair.first.url}/readyz`)).status).toBe(503);
    await pair.second;
    const servesAt = performance.now();
    console.log(
      `cut off: doors shut after ${Math.round(shutAt - cutAt)} ms, the other serves after ${Math.round(servesAt - cutAt)} ms`,
    );
    expect(servesAt).toBeGreaterThan(shutAt);
  });

  it("never show anything at once: one that stood still sends nothing when it goes on after the other has begun", async () => {
    process.kill(pair.first.pid, "SIGSTOP");
    await lockOfTheFirst();
    const stoppedAt = performance.now();
    const second = await pair.second;
    const servesAt = performance.now();
    const before = received();
    expect(stillOpen()).toHaveLength(5);
    const locked = await second.api.request("/api/v1/users/ann/lock", { method: "POST", body: "{}" });
    expect(locked.status).toBe(200);
    const goesOnAt = performance.now();
    process.kill(pair.first.pid, "SIGCONT");
    await Promise.all(open.map(({ ended }) => ended));
    const latest = Math.max(...open.map(({ endedAt }) => endedAt ?? Infinity));
    console.log(
      `stood still: the other serves after ${Math.round(servesAt - stoppedAt)} ms; open for ${Math.round(latest - goesOnAt)} ms after SIGCONT`,
    );
    expect(received()).toEqual(before);
    expect(latest - goesOnAt).toBeLessThan(2000);
    expect((await pair.first.exit()).code).toBe(1);
  });

  it("end nothing where the database stands still for three seconds", async () => {
    const backends = await postgres.query(
      postgres.lastDatabase,
      "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()",
    );
    expect(backends.length).toBeGreaterThan(1);
    const signal = (name: NodeJS.Signals): void =>
      backends.forEach(({ pid }) => process.kill(Number(pid), name));
    signal("SIGSTOP");
    await pause(3000);
    signal("SIGCONT");
    const before = received();
    await pause(2000);
    expect(stillOpen()).toHaveLength(5);
    expect(received()["output"]).toBeGreaterThan(before["output"] ?? Infinity);
  });
});

it.skipIf(missing !== null)(
  "one that would stand by ends where the database refuses its password",
  async () => {
    await using folder = tempFolder();
    const rules = join(folder.path, "hba.conf");
    writeFileSync(rules, "local all admin trust\nlocal all all scram-sha-256\n", { mode: 0o644 });
    await using guarded = await Postgres.start({ settings: { hba_file: rules } });
    const url = (await guarded.database()).reveal();
    await guarded.query("postgres", "CREATE ROLE berth LOGIN PASSWORD 'right'");
    const asBerth = url.replace("admin@", "berth:wrong@");
    const started = ServerProcess.start({
      root: folder.path,
      engine: "fake",
      env: { BERTH_DATABASE: asBerth, BERTH_STANDBY: "1s" },
    });
    await expect(started).rejects.toThrow("it refuses the user or the password");
  },
);
