import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import type { RetryClaim } from "../src/core/task/retry/retries.ts";
import { openPostgresStore } from "../src/store/postgres/open.ts";
import type { Database } from "../src/store/queries/database.ts";
import { retryQueries } from "../src/store/queries/definitions/retries.ts";
import { insertJob } from "../src/store/queries/job/insert-job.ts";
import { openSqliteStore } from "../src/store/sqlite/open.ts";
import type { Store } from "../src/store/store.ts";
import { Postgres, postgresIsMissing } from "./support/postgres.ts";
import { openRawHandle } from "./support/raw-handle.ts";
import { filterOf, noInputs, sampleJob } from "./support/sample-job.ts";
import { tempFolder } from "./support/temp-folder.ts";

const missing = postgresIsMissing();
if (missing !== null) console.log(`SKIPPED: two handles on one run that is made again, because ${missing}`);

const ROUNDS = 200;

/** A server as far as runs that are made again know one. */
interface Handle {
  make(claim: RetryClaim): Promise<string>;
  putOff(claim: RetryClaim, at: number): Promise<boolean>;
}

/** A store to look into, and two others at the same database, which no lock keeps from one another. */
interface Raced {
  store: Store;
  handles: [Handle, Handle];
}

const scope = new AsyncDisposableStack();
afterAll(() => scope.disposeAsync());

const newRun = (retries: RetryClaim) => ({
  job: sampleJob({ name: "again" }),
  inputs: noInputs,
  idempotency: null,
  retries,
});

async function onSqlite(): Promise<Raced> {
  const path = join(scope.use(tempFolder()).path, "berth.db");
  const open = async (): Promise<Store> => scope.use(await openSqliteStore({ path }));
  const handleOf = ({ jobs, retries }: Store): Handle => ({
    make: async (claim) => (await jobs.insert(newRun(claim))).kind,
    putOff: (claim, at) => retries.putOff(claim, at),
  });
  const store = await open();
  return { store, handles: [handleOf(await open()), handleOf(await open())] };
}

async function onPostgres(): Promise<Raced> {
  const postgres = scope.use(await Postgres.start());
  const url = await postgres.database();
  const store = scope.use(await openPostgresStore({ url }));
  const handleOf = (database: Database): Handle => ({
    make: async (claim) => (await insertJob(database, newRun(claim))).kind,
    putOff: (claim, at) => retryQueries(database).putOff(claim, at),
  });
  const [one, other] = [await openRawHandle(url, "one"), await openRawHandle(url, "other")];
  for (const handle of [one, other]) scope.use(handle);
  return { store, handles: [handleOf(one.database), handleOf(other.database)] };
}

describe.each([
  ["SQLite", false],
  ["PostgreSQL", true],
] as const)("two servers that come to one run that is to be made again, on %s", (_name, inPostgres) => {
  it.skipIf(inPostgres && missing !== null)(`make it once, ${ROUNDS} times of ${ROUNDS}`, async () => {
    const { store, handles } = await (inPostgres ? onPostgres() : onSqlite());
    const won = [0, 0];
    for (let round = 0; round < ROUNDS; round += 1) {
      const claim = await due(store);
      const inTurns = round % 2 === 0 ? handles : handles.toReversed();
      const kinds = await Promise.all(inTurns.map((handle) => handle.make(claim)));
      expect([round, ...kinds.toSorted()]).toEqual([round, "created", "not-due"]);
      const winner = (round + kinds.indexOf("created")) % 2;
      won[winner] = (won[winner] ?? 0) + 1;
    }
    expect(Math.min(...won)).toBeGreaterThan(0);
    const page = await store.jobs.list(filterOf({ name: "again", limit: ROUNDS + 1 }));
    expect(page.items).toHaveLength(ROUNDS);
  });

  it.skipIf(inPostgres && missing !== null)("make it, or put it off, and not both", async () => {
    const { store, handles } = await (inPostgres ? onPostgres() : onSqlite());
    for (let round = 0; round < 60; round += 1) {
      const claim = await due(store);
      const [one, other] = round % 2 === 0 ? handles : [handles[1], handles[0]];
      const [kind, isPutOff] = await Promise.all([one.make(claim), other.putOff(claim, 2000)]);
      expect([round, kind]).toEqual([round, isPutOff ? "not-due" : "created"]);
      const { as, at } = (await store.jobs.get(claim.job))?.retry ?? {};
      expect([round, as !== undefined, at]).toEqual([round, !isPutOff, isPutOff ? 2000 : 1000]);
    }
  });
});

async function due(store: Store): Promise<RetryClaim> {
  const job = sampleJob();
  await store.jobs.insert({ job, inputs: noInputs, idempotency: null });
  const retry = { attempt: 1, of: null, at: 1000 };
  await store.jobs.transition(job.id, "failed", { at: 1, retry });
  return { job: job.id, retry, from: 1000 };
}
