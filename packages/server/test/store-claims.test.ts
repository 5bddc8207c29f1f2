import { DatabaseSync } from "node:sqlite";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { openPostgresStore } from "../src/store/postgres/open.ts";
import { openSqliteStore } from "../src/store/sqlite/open.ts";
import type { Store } from "../src/store/store.ts";
import { Postgres, postgresIsMissing } from "./support/postgres.ts";
import { asked } from "./support/sample-job.ts";
import { StoreBench } from "./support/store-bench.ts";
import { tempFolder } from "./support/temp-folder.ts";
import { until } from "./support/until.ts";

/** A database that stores are opened in, and a way to do in it what another server would. */
interface Shared extends AsyncDisposable {
  open: () => Promise<Store>;
  run: (sql: string) => Promise<Record<string, unknown>[]>;
}

async function inSqlite(): Promise<Shared> {
  const folder = tempFolder();
  const path = join(folder.path, "berth.db");
  return {
    open: () => openSqliteStore({ path }),
    async run(sql) {
      using other = new DatabaseSync(path);
      return other.prepare(sql).all();
    },
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}

const missing = postgresIsMissing();
if (missing !== null) console.log(`SKIPPED: claims in PostgreSQL, because ${missing}`);
let server: Postgres | null = null;
afterAll(() => server?.[Symbol.asyncDispose]());

async function inPostgres(): Promise<Shared> {
  server ??= await Postgres.start();
  const url = await server.database();
  const database = url.name.split("/").at(-1) ?? "";
  return {
    open: () => openPostgresStore({ url }),
    run: async (sql) => (await server?.query(database, sql)) ?? [],
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

describe.each([
  ["SQLite", inSqlite, false],
  ["PostgreSQL", inPostgres, missing !== null],
] as const)("a job's claim in %s", (_name, shared, isMissing) => {
  const claimOf = async ({ run }: Shared, id: string): Promise<unknown> =>
    (await run(`SELECT claimed_by FROM job WHERE id = '${id}'`))[0]?.["claimed_by"];

  it.skipIf(isMissing)("is nobody's while it waits, and whose who makes it ready", async () => {
    await using database = await shared();
    await using store = await database.open();
    const bench = new StoreBench(store);
    const waits = await bench.insert();
    const begun = await bench.insert({ state: "preparing" });
    const [lease] = await database.run("SELECT id FROM server_lease");
    expect(lease?.["id"]).toEqual(expect.stringMatching(/^[\w-]{11}$/));
    expect([await claimOf(database, waits.id), await claimOf(database, begun.id)]).toEqual([
      null,
      lease?.["id"],
    ]);
    await bench.move(waits.id, "preparing");
    expect(await claimOf(database, waits.id)).toBe(lease?.["id"]);
  });

  it.skipIf(isMissing)(
    "keeps a server from writing what became of a job that another has claimed",
    async () => {
      await using database = await shared();
      await using store = await database.open();
      const bench = new StoreBench(store);
      const job = await bench.insertIn("running");
      await database.run(`UPDATE job SET claimed_by = 'another' WHERE id = '${job.id}'`);
      expect(await store.jobs.transition(job.id, "succeeded", { at: 5 })).toBeNull();
      expect(await store.jobs.unfinished()).toEqual([]);
      // Anybody may ask for a stop: the other one carries it out.
      expect(await store.jobs.update(job.id, { stop: asked(0) })).toMatchObject({ id: job.id });
      expect(await store.events.list(job.id, 0)).toHaveLength(3);
    },
  );

  it.skipIf(isMissing)("goes to the next server, with those that none had claimed", async () => {
    await using database = await shared();
    const before = await database.open();
    const bench = new StoreBench(before);
    const [first, second] = [await bench.insertIn("running"), await bench.insertIn("preparing")];
    const [waits, ended] = [await bench.insert(), await bench.insertIn("succeeded")];
    const [was] = await database.run("SELECT id FROM server_lease");
    await before[Symbol.asyncDispose]();
    await database.run(`UPDATE job SET claimed_by = NULL WHERE id = '${second.id}'`);
    await using after = await database.open();
    const [now, ...others] = await database.run("SELECT id FROM server_lease");
    expect(now?.["id"]).not.toBe(was?.["id"]);
    expect(others).toEqual([]);
    for (const { id } of [first, second]) expect(await claimOf(database, id)).toBe(now?.["id"]);
    expect(await claimOf(database, waits.id)).toBeNull();
    expect(await claimOf(database, ended.id)).toBe(was?.["id"]);
    expect((await after.jobs.unfinished()).map(({ id }) => id)).toEqual([first.id, second.id, waits.id]);
  });
});

describe.skipIf(missing !== null)("the lease of a server in PostgreSQL", () => {
  async function opened(leaseMs: number) {
    server ??= await Postgres.start();
    const url = await server.database();
    const database = url.name.split("/").at(-1) ?? "";
    const run = (sql: string) => server?.query(database, sql);
    return { run, store: await openPostgresStore({ url, leaseMs }) };
  }

  it("is renewed for all of its jobs by one row, and by the database's clock", async () => {
    const { run, store } = await opened(600);
    await using _ = store;
    const untilOf = async (): Promise<number> =>
      Number((await run("SELECT until FROM server_lease"))?.[0]?.["until"]);
    const first = await untilOf();
    const later = await until(async () => ((await untilOf()) > first ? await untilOf() : null), {
      what: "a renewed lease",
    });
    const [now] = (await run("SELECT (extract(epoch from clock_timestamp()) * 1000)::bigint AS at")) ?? [];
    expect(later - Number(now?.["at"])).toBeLessThanOrEqual(600);
    await store.owned();
  });

  it("is renewed before a server acts that stood still for its whole term, or keeps it from acting", async () => {
    const leaseMs = 600;
    const { run, store } = await opened(leaseMs);
    await using _ = store;
    const standStill = (): unknown =>
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, leaseMs + 50);
    standStill();
    await store.owned();
    await run("DELETE FROM server_lease");
    standStill();
    await expect(store.owned()).rejects.toMatchObject({ code: "DATABASE_IN_USE" });
    expect(store.lost.aborted).toBe(true);
  });
});
