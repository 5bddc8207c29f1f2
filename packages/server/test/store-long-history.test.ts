import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, it } from "vitest";
import type { JobFilter } from "../src/store/store.ts";
import { openSqliteStore } from "../src/store/sqlite/open.ts";
import { filterOf } from "./support/sample-job.ts";
import { StoreBench } from "./support/store-bench.ts";
import { tempFolder } from "./support/temp-folder.ts";

const copies = 100_000;
const tasks = 10_000;

/** Copies of one finished job, a second apart; every tenth belongs to somebody else. */
function fill(path: string, id: string): void {
  const database = new DatabaseSync(path);
  const others: Record<string, string> = {
    id: "printf('copy-%06d', n)",
    owner: "iif(n % 10, owner, 'bob')",
    created_at: "created_at + 1000 * n",
    task: "iif(n % 3, 'task-00007', null)",
    task_version: "1",
    runner_version: "1",
  };
  const columns = database.prepare("PRAGMA table_info(job)").all();
  const values = columns.map(({ name }) => others[String(name)] ?? String(name));
  database.exec(`
    WITH RECURSIVE copy(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM copy WHERE n < ${copies})
    INSERT INTO job SELECT ${values.join(", ")} FROM job, copy WHERE id = '${id}';
    INSERT INTO job_label SELECT id, 'team', iif(substr(id, -1) IN ('1', '2'), 'a', 'b'), created_at FROM job`);
  database.close();
}

const filters: [string, Partial<JobFilter>, number][] = [
  ["everything", {}, 50],
  ["an owner", { owner: "bob" }, 50],
  ["jobs that run", { states: ["queued", "running"] }, 0],
  ["what an owner has running", { owner: "bob", states: ["running"] }, 0],
  ["a label", { labels: [{ key: "team", value: "a" }] }, 50],
  ["a label of an owner", { owner: "bob", labels: [{ key: "team", value: "b" }] }, 50],
  ["a label of an owner who has none of it", { owner: "bob", labels: [{ key: "team", value: "a" }] }, 0],
  ["a task", { task: "task-00007" }, 50],
  ["a task and its owner", { task: "task-00007", owner: "bob" }, 50],
  ["a task of which an owner ran none", { task: "task-00007", owner: "carl" }, 0],
  ["a task that nobody ran", { task: "task-00008" }, 0],
  ["a day long ago", { createdBefore: 1_800_000_000_000 + 86_400_000 }, 50],
];

it("lists 50 of 100,000 finished jobs", async () => {
  await using folder = tempFolder();
  const path = join(folder.path, "berth.db");
  const first = await openSqliteStore({ path });
  const { id } = await new StoreBench(first).insertIn("succeeded", { createdAt: 1_800_000_000_000 });
  await first[Symbol.asyncDispose]();
  fill(path, id);
  await using store = await openSqliteStore({ path });
  for (const [what, filter, count] of filters) {
    const median = await medianOf(async () => {
      expect((await store.jobs.list(filterOf(filter))).items).toHaveLength(count);
    });
    console.log(`list of ${count} by ${what}, of ${copies} jobs: ${median.toFixed(2)} ms`);
  }
  expect((await store.jobs.counts()).succeeded).toBe(copies + 1);
});

async function medianOf(act: () => Promise<unknown>): Promise<number> {
  const times: number[] = [];
  for (let round = 0; round < 21; round += 1) {
    const start = performance.now();
    await act();
    times.push(performance.now() - start);
  }
  return times.toSorted((one, other) => one - other)[10] ?? 0;
}

/** Tasks of one runner, and as many versions of one of them as nobody keeps. */
function define(path: string): void {
  const database = new DatabaseSync(path);
  const count = (most: number): string =>
    `WITH RECURSIVE one(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM one WHERE n < ${most})`;
  const spec = `'{"runner":"plain","command":"true"}'`;
  database.exec(`
    ${count(tasks)} INSERT INTO definition (kind, name, version, first_version, owner, runner, spec, created_at, updated_at, updated_by)
      SELECT 'task', printf('task-%05d', n), 1, 1, 'ann', 'plain', ${spec}, 1, 1, 'ann' FROM one;
    ${count(1500)} INSERT INTO definition_version SELECT 'task', 'task-00001', n, ${spec}, n, 'ann' FROM one;
    UPDATE definition SET version = 1500 WHERE name = 'task-00001'`);
  database.close();
}

it("lists 25 of 10,000 tasks, finds one, and keeps the last 1,000 versions of each", async () => {
  await using folder = tempFolder();
  const path = join(folder.path, "berth.db");
  await (await openSqliteStore({ path }))[Symbol.asyncDispose]();
  define(path);
  await using store = await openSqliteStore({ path });
  const { definitions } = store;
  for (const after of [null, "task-05000"]) {
    const median = await medianOf(async () => {
      expect(await definitions.list("task", { owner: null, after, limit: 25 })).toHaveLength(25);
    });
    console.log(`list of 25 of ${tasks} tasks from ${after ?? "the first"} on: ${median.toFixed(2)} ms`);
  }
  const found = await medianOf(() => definitions.get("task", "task-09999"));
  console.log(`one of ${tasks} tasks: ${found.toFixed(2)} ms`);
  const change = { from: 1500, spec: "{}", belongsTo: null, at: 2, by: "ann" };
  expect(await definitions.change({ kind: "task", name: "task-00001" }, change)).toBe("done");
  const versionsOf = async (before: number) =>
    (await definitions.versions("task", "task-00001", { before, limit: 5 })).map(({ version }) => version);
  expect([await versionsOf(505), await versionsOf(1502)]).toEqual([
    [504, 503, 502],
    [1501, 1500, 1499, 1498, 1497],
  ]);
});
