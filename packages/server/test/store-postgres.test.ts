import type { Job } from "../src/core/job/job.ts";
import { isBerthError } from "@berth/protocol";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { Client } from "pg";
import type { DatabaseUrl } from "../src/core/database-address.ts";
import { openPostgresStore } from "../src/store/postgres/open.ts";
import type { Store } from "../src/store/store.ts";
import { CuttingProxy } from "./support/cutting-proxy.ts";
import { Postgres, postgresIsMissing } from "./support/postgres.ts";
import { sampleEntry } from "./support/sample-audit.ts";
import { startProgram } from "./support/start-program.ts";
import { StoreBench } from "./support/store-bench.ts";
import { asked, filterOf, noInputs, sampleJob } from "./support/sample-job.ts";
import { tempFolder } from "./support/temp-folder.ts";
import { until } from "./support/until.ts";

const onFullDisk = new URL("support/postgres-on-full-disk.ts", import.meta.url);
const missing = postgresIsMissing();
if (missing !== null) console.log(`SKIPPED: the faults of PostgreSQL, because ${missing}`);

describe.skipIf(missing !== null)("a store in PostgreSQL", () => {
  let server: Postgres;
  let url: DatabaseUrl;
  let database: string;
  let store: Store;
  let bench: StoreBench;
  /** What it said of its connection. */
  let reports: string[];

  beforeAll(async () => {
    server = await Postgres.start();
  });
  afterAll(() => server[Symbol.asyncDispose]());
  beforeEach(async () => {
    url = await server.database();
    database = url.name.split("/").at(-1) ?? "";
    reports = [];
    store = await openPostgresStore({ url, report: (lost) => reports.push(lost?.message ?? "back") });
    bench = new StoreBench(store);
  });
  afterEach(() => store[Symbol.asyncDispose]());

  const untilBack = (): Promise<unknown> =>
    until(() => reports.at(-1) === "back", { what: "the connection to come back" });

  /** Inserts jobs from many sides until told to stop; says which were accepted and which refused. */
  function insertAll() {
    const accepted: string[] = [];
    const refused = new Map<string, unknown>();
    let isOver = false;
    const one = async (): Promise<void> => {
      while (!isOver) {
        const job = sampleJob();
        try {
          await store.jobs.insert({ job, inputs: noInputs, idempotency: { key: job.id, requestHash: "h" } });
          accepted.push(job.id);
        } catch (error) {
          refused.set(job.id, error);
        }
      }
    };
    const all = Promise.all(Array.from({ length: 8 }, one));
    const stop = async (): Promise<void> => {
      isOver = true;
      await all;
    };
    return { accepted, refused, stop };
  }

  async function storedIds(): Promise<string[]> {
    return (await server.query(database, "SELECT id FROM job ORDER BY id")).map(({ id }) => String(id));
  }

  it("loses and doubles nothing while the database is restarted again and again", async () => {
    const { accepted, refused, stop } = insertAll();
    for (const how of ["fast", "immediate", "immediate"] as const) {
      const before = accepted.length;
      await until(() => accepted.length > before + 20, { what: "some more jobs" });
      await server.down(how);
      await server.up();
    }
    const before = accepted.length;
    await until(() => accepted.length > before + 20, { what: "some more jobs" });
    await stop();
    // A restart on a busy host may take longer than anybody waits; what was refused then is not there.
    for (const error of refused.values()) expect(error).toMatchObject({ code: "DATABASE_UNAVAILABLE" });
    expect(await storedIds()).toEqual(accepted.toSorted());
  });

  it("says which database cannot be reached, and goes on by itself when it is back", async () => {
    const { id } = await bench.insert();
    await server.down();
    const failures = await Promise.all(
      [store.events.list(id, 0), bench.insert(), store.ping(), store.owned()].map((call) =>
        Promise.resolve(call).then(
          () => null,
          (error: unknown) => error,
        ),
      ),
    );
    for (const failure of failures) {
      expect(failure).toMatchObject({ code: "DATABASE_UNAVAILABLE" });
      expect(String(failure)).toContain(`database "${url.name}": it `);
    }
    // Known to be away: nobody waits for the four seconds that a connection may take.
    const began = performance.now();
    for (let n = 0; n < 20; n += 1)
      await expect(bench.insert()).rejects.toMatchObject({ code: "DATABASE_UNAVAILABLE" });
    expect(performance.now() - began).toBeLessThan(50_000);
    await server.up();
    await untilBack();
    expect((await bench.insert()).state).toBe("queued");
    expect(await storedIds()).toHaveLength(2);
  });

  it.each([
    { what: "had been stored", forward: true },
    { what: "had not arrived", forward: false },
  ])(
    "answers a write whose commit $what when the connection was lost as what it is, once",
    async ({ forward }) => {
      await using proxy = await CuttingProxy.open(server.socket);
      const other = await server.database();
      const name = other.name.split("/").at(-1) ?? "";
      await using through = await openPostgresStore({ url: proxy.urlOf(name) });
      const cutBench = new StoreBench(through);
      proxy.cutAtCommit({ forward });
      const job = await cutBench.insert({}, { audit: sampleEntry() });
      expect(proxy.cuts).toBe(1);
      expect(await server.query(name, "SELECT id FROM job")).toEqual([{ id: job.id }]);
      expect(await server.query(name, "SELECT type FROM job_event")).toEqual([{ type: "queued" }]);
      expect((await cutBench.move(job.id, "preparing")).state).toBe("preparing");
      // The audit chain goes on from what is stored, whichever that is.
      await through.audit.append([sampleEntry()]);
      const links = "SELECT b.seq::int FROM audit_block a JOIN audit_block b ON b.prev = a.hash";
      expect(await server.query(name, links)).toEqual([{ seq: 2 }]);
    },
  );

  it("refuses other writes in time while nobody can know what became of a commit, and closes all the same", async () => {
    await using proxy = await CuttingProxy.open(server.socket);
    const other = await server.database();
    const through = await openPostgresStore({ url: proxy.urlOf(other.name.split("/").at(-1) ?? "") });
    const cutBench = new StoreBench(through);
    proxy.cutAtCommit({ forward: true, forGood: true });
    const unknown = cutBench.insert().catch((error: unknown) => error);
    await until(() => proxy.cuts === 1, { what: "the cut" });
    await expect(cutBench.insert()).rejects.toMatchObject({ code: "DATABASE_UNAVAILABLE" });
    await through[Symbol.asyncDispose]();
    expect(await unknown).toMatchObject({ code: "DATABASE_UNAVAILABLE" });
  });

  it("notices that nothing comes through any more, though nobody said so, and does once what was under way", async () => {
    await using proxy = await CuttingProxy.open(server.socket);
    const other = await server.database();
    const name = other.name.split("/").at(-1) ?? "";
    const said: (Error | null)[] = [];
    await using through = await openPostgresStore({
      url: proxy.urlOf(name),
      report: (lost) => {
        said.push(lost);
        // Before the next connection is tried.
        proxy.letThrough();
      },
      beat: { everyMs: 100, timeoutMs: 300 },
    });
    const cutBench = new StoreBench(through);
    const { id: first } = await cutBench.insert();
    const read = () => through.events.list(first, 0);
    // Several connections of those that read.
    await Promise.all(Array.from({ length: 8 }, read));
    proxy.fallSilent();
    const since = performance.now();
    const writing = cutBench.insert();
    const reading = read();
    const { id } = await writing;
    await Promise.all([reading, ...Array.from({ length: 8 }, read)]);
    // A query is given up after half a minute by itself.
    expect(performance.now() - since).toBeLessThan(20_000);
    expect(await server.query(name, `SELECT count(*)::int AS jobs FROM job WHERE id = '${id}'`)).toEqual([
      { jobs: 1 },
    ]);
    expect(said.at(-1)).toBeNull();
  });

  it("is read-only after a failover to a standby, says so, and writes again once that is promoted", async () => {
    const { id } = await bench.insert();
    await server.down();
    server.makeStandby();
    await server.up();
    const refusal = await bench.insert().catch((error: unknown) => error);
    expect(isBerthError(refusal) && refusal.code).toBe("STORAGE_FAILED");
    expect(String(refusal)).toMatch(`database "${url.name}": it is read-only`);
    expect((await store.jobs.list(filterOf())).items.map((job) => job.id)).toEqual([id]);
    await server.query("postgres", "SELECT pg_promote()");
    await untilBack();
    const second = await bench.insert();
    expect(await storedIds()).toEqual([id, second.id].toSorted());
  });

  it.each([
    { what: "serialisation failures", code: "40001" },
    { what: "deadlocks", code: "40P01" },
  ])("writes again after $what, each write once", async ({ code }) => {
    await server.query(
      database,
      `CREATE SEQUENCE met; CREATE FUNCTION stand_in_the_way() RETURNS trigger LANGUAGE plpgsql AS $$
       BEGIN IF nextval('met') <= 3 THEN RAISE EXCEPTION 'not now' USING ERRCODE = '${code}'; END IF; RETURN NEW; END $$;
       CREATE TRIGGER stand_in_the_way BEFORE INSERT ON job FOR EACH ROW EXECUTE FUNCTION stand_in_the_way();`,
    );
    const jobs = await Promise.all([bench.insert(), bench.insert(), bench.insert()]);
    expect(await storedIds()).toEqual(jobs.map((job) => job.id).toSorted());
    expect((await server.query(database, "SELECT count(*)::int AS events FROM job_event"))[0]).toEqual({
      events: 3,
    });
  });

  it("takes nothing of the others with a write that the database refuses", async () => {
    const first = await bench.insert();
    const results = await Promise.allSettled([
      bench.insert(),
      bench.insert({ id: first.id }),
      bench.insert(),
    ]);
    expect(results.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
    expect(await storedIds()).toHaveLength(3);
  });

  it.skipIf(process.getuid?.() !== 0)(
    "names the database whose disk is full, keeps what it accepted, and goes on when there is room",
    async () => {
      await using folder = tempFolder();
      const launcher = ["unshare", "--mount", "--propagation", "private"];
      await using program = startProgram(onFullDisk, [folder.path], launcher);
      const lines = await Array.fromAsync(program.lines);
      const report = JSON.parse(lines.join("")) as { stored: number };
      expect(report.stored).toBeGreaterThan(100);
      expect(report).toStrictEqual({
        refusals: [
          expect.stringMatching(
            /^STORAGE_FAILED Cannot write to database "postgres:.*\/small": the disk of its server is full$/,
          ) as unknown,
        ],
        readWhileFull: 0,
        stored: report.stored,
        isSame: true,
      });
    },
  );

  it("is one server's: a second one is refused by the name of the first", async () => {
    const second = openPostgresStore({ url });
    await expect(second).rejects.toMatchObject({
      code: "DATABASE_IN_USE",
      message: expect.stringMatching(
        new RegExp(`^Cannot use database ".*${database}": another server \\(berth .* pid ${process.pid} `),
      ) as unknown,
    });
    await store[Symbol.asyncDispose]();
    await (await openPostgresStore({ url }))[Symbol.asyncDispose]();
  });

  it("ends for a server whose connection was lost when another has taken the database meanwhile", async () => {
    const { id } = await bench.insert();
    const waiting = new Client({ connectionString: url.reveal() });
    await waiting.connect();
    // In line for the lock: it has it in the moment in which the first one's connection ends.
    const taken = waiting.query(
      "SELECT pg_advisory_lock(classid::int, objid::int) FROM pg_locks WHERE locktype = 'advisory' AND granted",
    );
    await until(
      async () =>
        (await server.query(database, "SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"))
          .length > 0,
      { what: "the other server to wait" },
    );
    await server.query(
      database,
      "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND granted",
    );
    await taken;
    await until(() => store.lost.aborted, { what: "the word that the database is lost" });
    expect(store.lost.reason).toMatchObject({ code: "DATABASE_IN_USE" });
    for (const call of [() => bench.insert(), () => bench.move(id, "preparing"), () => store.owned()])
      await expect(call()).rejects.toMatchObject({ code: "DATABASE_IN_USE" });
    await waiting.end();
    expect(await storedIds()).toEqual([id]);
    // Two that have claimed the same job: the one that came later, and the one that does not give up.
    await using next = await openPostgresStore({ url });
    expect((await next.jobs.unfinished()).map((one) => one.id)).toEqual([id]);
    await new StoreBench(next).move(id, "preparing");
    for (const call of [() => bench.move(id, "running"), () => store.jobs.update(id, { stop: asked(0) })])
      await expect(call()).rejects.toMatchObject({ code: "DATABASE_IN_USE" });
    expect(await next.jobs.get(id)).toMatchObject({ state: "preparing", stop: null });
    await next.owned();
  });

  it("writes nothing once another holds the claim, whatever its lock says", async () => {
    await bench.insert();
    await server.query(database, "UPDATE berth_server SET holder = 'another'");
    await expect(bench.insert()).rejects.toMatchObject({ code: "DATABASE_IN_USE" });
    expect(store.lost.aborted).toBe(true);
    expect(await storedIds()).toHaveLength(1);
  });

  it("shows what somebody else has changed, and tells who watches", async () => {
    const job: Job = await bench.insertIn("running");
    expect(await store.jobs.counts()).toMatchObject({ running: 1, failed: 0 });
    const heard = Promise.withResolvers<void>();
    store.subscribe(job.id, heard.resolve);
    await server.query(database, `UPDATE job SET state = 'failed', ended_at = 1 WHERE id = '${job.id}'`);
    await heard.promise;
    expect((await store.jobs.get(job.id))?.state).toBe("failed");
    expect(await store.jobs.counts()).toMatchObject({ running: 0, failed: 1 });
  });

  it("shows after a gap what was changed in it", async () => {
    const job = await bench.insertIn("running");
    let heard = 0;
    store.subscribe(job.id, () => void (heard += 1));
    await server.query(
      database,
      `SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory';
       UPDATE job SET state = 'failed', ended_at = 1 WHERE id = '${job.id}'`,
    );
    await untilBack();
    await until(() => heard > 0, { what: "word of the change" });
    expect((await store.jobs.get(job.id))?.state).toBe("failed");
  });
});
