import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { type CompiledQuery, sql } from "kysely";
import { expect, it } from "vitest";
import type { Database } from "../src/store/queries/database.ts";
import { dropInputsOfEnded } from "../src/store/queries/ended/drop-inputs.ts";
import { finishedJobs } from "../src/store/queries/ended/finished-jobs.ts";
import { byId, byName } from "../src/store/queries/listing/find-jobs.ts";
import { candidatesQuery } from "../src/store/queries/listing/job-candidates.ts";
import type { Tables } from "../src/store/queries/tables.ts";
import { kyselyOver } from "../src/store/sqlite/dialect.ts";
import { openSqliteStore } from "../src/store/sqlite/open.ts";
import type { JobFilter } from "../src/store/store.ts";
import { tempFolder } from "./support/temp-folder.ts";

/** How the database reads what a query asks for: an index and what it is searched by. */
function planOf(database: DatabaseSync, { sql, parameters }: CompiledQuery): string {
  const rows = database.prepare(`EXPLAIN QUERY PLAN ${sql}`).all(...(parameters as string[]));
  return rows.map((row) => String(row["detail"])).join("; ");
}

it("finds a job by a range of an index that holds the caller's jobs alone, and sorts nothing", async () => {
  await using folder = tempFolder();
  const path = join(folder.path, "berth.db");
  await (await openSqliteStore({ path }))[Symbol.asyncDispose]();
  using database = new DatabaseSync(path);
  const build: Database["build"] = kyselyOver<Tables>(database);
  const db = { build } as Database;
  const own = { owner: "ann", text: "01a1fe", limit: 11 };
  const all = { ...own, owner: null };
  const plans = [byName(db, own), ...byId(db, own), byName(db, all), ...byId(db, all)].map((query) =>
    planOf(database, query),
  );
  expect(plans).toEqual([
    expect.stringMatching(/INDEX job_by_owner_name \(owner=\? AND name=\?\)$/) as string,
    expect.stringMatching(/INDEX job_by_owner_id \(owner=\? AND id>\? AND id<\?\)$/) as string,
    expect.stringMatching(/INDEX job_by_name \(name=\?\)$/) as string,
    expect.stringMatching(/INDEX \S+ \(id>\? AND id<\?\)$/) as string,
  ]);
});

it("reads what has ended page by page from its index, and inputs that were left from the inputs", async () => {
  await using folder = tempFolder();
  const path = join(folder.path, "berth.db");
  await (await openSqliteStore({ path }))[Symbol.asyncDispose]();
  using database = new DatabaseSync(path);
  const asked: CompiledQuery[] = [];
  const read = (query: CompiledQuery) => {
    asked.push(query);
    return Promise.resolve([]);
  };
  const db = { build: kyselyOver<Tables>(database), read } as unknown as Database;
  await finishedJobs(db, { endedBefore: 2, limit: 10 });
  await finishedJobs(db, { endedBefore: 2, limit: 10, after: { endedAt: 1, id: "01a1fe" } });
  await dropInputsOfEnded(db);
  const [first, next, inputs] = asked.map((query) => planOf(database, query));
  expect(first).toMatch(/^SEARCH job USING INDEX job_by_end \(ended_at<\?\)/);
  expect(next).toMatch(
    /^SEARCH job USING INDEX job_by_end \(ended_at>\?|^SEARCH job USING INDEX job_by_end \(\(ended_at,id\)/,
  );
  for (const plan of [first, next]) expect(plan).not.toMatch(/SORT|ORDER BY/);
  expect(inputs).toMatch(/^SCAN job_input USING/);
  expect(inputs).toMatch(/SEARCH job (EXISTS )?USING INDEX sqlite_autoindex_job_1 \(id=\?\)/);
});

it("lists the runs of a task by state, and what has not ended by any filter, from the index of just these", async () => {
  await using folder = tempFolder();
  const path = join(folder.path, "berth.db");
  await (await openSqliteStore({ path }))[Symbol.asyncDispose]();
  using database = new DatabaseSync(path);
  const db = { build: kyselyOver<Tables>(database) } as Database;
  const none = { owner: null, states: null, name: null, task: null, labels: [], cursor: null, limit: 10 };
  const always = { createdAfter: null, createdBefore: null };
  const planOfList = (filter: Partial<JobFilter>) => {
    const candidates = candidatesQuery(db, { ...none, ...always, ...filter }, { position: null, limit: 10 });
    return planOf(database, sql`select * from ${candidates} as candidate`.compile(db.build));
  };
  const label = { key: "team", value: "a" };
  const failed = planOfList({ task: "t", states: ["failed"] });
  expect(failed).toMatch(/INDEX job_by_task \(task=\? AND state=\?\)/);
  const own = planOfList({ task: "t", owner: "ann" });
  expect(own).toMatch(/INDEX job_by_task_and_owner \(task=\? AND owner=\? AND state=\?\)/);
  const live = planOfList({ states: ["queued", "running"], labels: [label], name: "nightly" });
  expect(live).toMatch(/INDEX job_by_state \(state=\?\)/);
  // A page of each state is merged; what is sorted is no more than these pages.
  for (const plan of [failed, own, live])
    expect(plan).not.toMatch(/SCAN job|SEARCH job [^;]*; USE TEMP B-TREE/);
});
