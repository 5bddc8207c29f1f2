import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { jobStates } from "@berth/protocol";
import { KeptSpec } from "../src/core/job/kept-spec.ts";
import { openPostgresStore } from "../src/store/postgres/open.ts";
import { openSqliteStore } from "../src/store/sqlite/open.ts";
import type { Store } from "../src/store/store.ts";
import { asTested, launcher } from "./support/launcher.ts";
import { Postgres, postgresIsMissing } from "./support/postgres.ts";
import { filterOf, sampleJob } from "./support/sample-job.ts";
import { sampleStages } from "./support/sample-stage.ts";
import { StoreBench } from "./support/store-bench.ts";
import { tempFolder } from "./support/temp-folder.ts";

const missing = postgresIsMissing();
if (missing !== null) console.log(`SKIPPED: a copy to PostgreSQL and back, because ${missing}`);

const run = promisify(execFile);

/** As an operator does. */
async function copy(dataDir: string, from: string, to: string) {
  const env = { PATH: process.env["PATH"], ...asTested, BERTH_DATA_DIR: dataDir };
  return await run(launcher, ["store", "copy", from, to], { env, cwd: "/" }).then(
    ({ stdout }) => ({ code: 0, said: stdout }),
    (error: { code: number; stderr: string }) => ({ code: error.code, said: error.stderr }),
  );
}

/** Everything that is in a store, as its users see it. */
async function contentOf(store: Store) {
  const { items } = await store.jobs.list(filterOf({ limit: 200 }));
  const all = await Promise.all(
    items.map(async (job) => ({
      // One database keeps the text, the other the bytes of it.
      job: { ...job, spec: job.spec.view },
      events: await store.events.list(job.id, 0),
      inputs: await store.jobs.inputs(job.id),
      stages: await store.stages.list(job.id),
    })),
  );
  const { certificates, authorities, locks } = store;
  return {
    all,
    uploads: (await store.uploads.list({ owner: null, limit: 200, cursor: null })).items,
    counts: await store.jobs.counts(),
    token: await store.tokens.findByHash("ab".repeat(32)),
    certificates: await certificates.list({ kind: "client" }),
    revoked: await certificates.revoked(),
    authorities: await authorities.list(),
    locks: await locks.list(),
  };
}

describe.skipIf(missing !== null)("berth store copy", () => {
  let server: Postgres;
  beforeAll(async () => {
    server = await Postgres.start();
  });
  afterAll(() => server[Symbol.asyncDispose]());

  async function fill(store: Store): Promise<void> {
    const bench = new StoreBench(store);
    for (const state of jobStates)
      await bench.insertIn(state, { labels: { state, "\0": "a\0b" }, name: "\ud800" });
    const sent = { owner: "\ud800", name: "0a".repeat(32), state: "complete", part: null } as const;
    await store.uploads.insert({ ...sent, bytes: 2 ** 33, length: 2 ** 33, createdAt: 1, usedAt: 2 });
    const files = [{ name: "\ud800x", content: Uint8Array.from({ length: 5000 }, (_, at) => at % 256) }];
    const inputs = { files, stdin: new Uint8Array(0) };
    const idempotency = { key: "k\0", requestHash: "h" };
    await bench.insert(
      { spec: { command: "\u0001\ud83d\ude00", args: ["", "ä", "\r\n"] } },
      { inputs, idempotency },
    );
    const large = new TextEncoder().encode(JSON.stringify({ command: "true", args: ["ä".repeat(100_000)] }));
    await bench.insert({ spec: KeptSpec.stored(large) });
    const job = sampleJob({ stagesBefore: 2, submittedSinceBoot: { boot: "b", ms: 2 ** 40 } });
    const stages = sampleStages(job, ["running", "queued"]);
    await bench.insert(job, { stages });
    for (const stage of stages) await store.stages.transition(stage, "running", { at: 2 ** 52, attempt: 3 });
    for (let more = 0; more < 60; more += 1)
      await bench.insert({ labels: { a: "1", B: "2", c: "3", "-": "4" } });
    const token = { id: "t", hash: "ab".repeat(32), principal: "ann", createdAt: 2 ** 52, expiresAt: null };
    const scope = [{ resource: "jobs", names: ["*"], verbs: ["read"] }] as const;
    await store.tokens.insert({ ...token, role: "user", label: "laptop", scope, usedAt: 5 });
    const life = { notBefore: 0, notAfter: 2 ** 52, issuedAt: 1, revokedAt: null };
    for (const [serial, cn] of Object.entries({ "0a": "ann", B: "\ud800", "-": "bob" }))
      await store.certificates.insert({ serial, cn, kind: "client", issuer: "aa", ...life });
    await store.certificates.revoke("B", 5);
    await store.authorities.remember({ serial: "aa", trustedFrom: 7 });
    for (const name of ["ann", "\0", "Z"]) await store.locks.lock({ name, lockedAt: 3 });
  }

  it("takes everything to PostgreSQL and back, and says of each table that it is the same", async () => {
    await using folder = tempFolder();
    await using back = tempFolder();
    const store = await openSqliteStore({ path: join(folder.path, "berth.db") });
    await fill(store);
    const content = await contentOf(store);
    await store[Symbol.asyncDispose]();
    const url = await server.database();
    const there = await copy(folder.path, "sqlite:", url.reveal());
    expect(there).toMatchObject({
      code: 0,
      said: expect.stringMatching(/^job +71 rows, the same/m) as unknown,
    });
    const inPostgres = await openPostgresStore({ url });
    expect(await contentOf(inPostgres)).toStrictEqual(content);
    // It belongs to a server now, as a copy made meanwhile hears.
    const held = await copy(back.path, url.reveal(), "sqlite:");
    expect(held).toMatchObject({ code: 1, said: expect.stringContaining("another server") as unknown });
    await inPostgres[Symbol.asyncDispose]();
    expect(await copy(back.path, url.reveal(), "sqlite:")).toMatchObject({ code: 0 });
    await using again = await openSqliteStore({ path: join(back.path, "berth.db") });
    expect(await contentOf(again)).toStrictEqual(content);
  });

  it("leaves a database alone that holds something, and shows no password", async () => {
    await using folder = tempFolder();
    const url = await server.database();
    const store = await openPostgresStore({ url });
    const { id } = await new StoreBench(store).insert();
    await store[Symbol.asyncDispose]();
    const { code, said } = await copy(
      folder.path,
      "sqlite:",
      url.reveal().replace("admin@", "admin:s3cret@"),
    );
    expect(code).toBe(1);
    expect(said).toContain(`Cannot copy to "${url.name}": its table job is not empty`);
    expect(said).not.toContain("s3cret");
    await using after = await openPostgresStore({ url });
    expect((await after.jobs.get(id))?.state).toBe("queued");
  });

  it("keeps nothing where one row does not come out as it went in", async () => {
    await using folder = tempFolder();
    const source = await openSqliteStore({ path: join(folder.path, "berth.db") });
    await fill(source);
    await source[Symbol.asyncDispose]();
    const url = await server.database();
    await (await openPostgresStore({ url }))[Symbol.asyncDispose]();
    const name = url.name.split("/").at(-1) ?? "";
    await server.query(
      name,
      `CREATE FUNCTION change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.at = NEW.at + 1; RETURN NEW; END $$;
       CREATE TRIGGER change BEFORE INSERT ON job_event FOR EACH ROW WHEN (NEW.type = 'lost') EXECUTE FUNCTION change();`,
    );
    const { code, said } = await copy(folder.path, "sqlite:", url.reveal());
    expect([code, said]).toEqual([1, expect.stringContaining("a row of job_event came out differently")]);
    expect(await server.query(name, "SELECT count(*)::int AS jobs FROM job")).toEqual([{ jobs: 0 }]);
  });
});
