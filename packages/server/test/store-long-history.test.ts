import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, it } from "vitest";
import type { Store } from "../src/store/store.ts";
import { openSqliteStore } from "../src/store/sqlite/open.ts";
import { copies, copiesOf, demandAsFast, listsAsFast, few } from "./support/long-history.ts";
import { StoreBench } from "./support/store-bench.ts";
import { tempFolder } from "./support/temp-folder.ts";

const tasks = 10_000;

function fill(path: string, { id, count }: { id: string; count: number }): void {
  using database = new DatabaseSync(path);
  const columns = database.prepare("PRAGMA table_info(job)").all();
  for (const statement of copiesOf(id, { count, columns: columns.map(({ name }) => String(name)) }))
    database.exec(statement);
}

async function withRuns(path: string, count: number): Promise<Store> {
  const first = await openSqliteStore({ path });
  const { id } = await new StoreBench(first).insertIn("succeeded", { createdAt: 1_800_000_000_000 });
  await first[Symbol.asyncDispose]();
  fill(path, { id, count });
  return await openSqliteStore({ path });
}

it("lists 50 of 100,000 finished jobs, as fast as of ten where as many are found", async () => {
  await using folder = tempFolder();
  await using short = await withRuns(join(folder.path, "few.db"), few);
  await using store = await withRuns(join(folder.path, "berth.db"), copies);
  expect(await listsAsFast(short, store)).toBe(copies + 1);
});

/** Tasks of one runner, and as many versions of one of them as nobody keeps. */
function define(path: string, tasks: number): void {
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

async function withTasks(path: string, tasks: number): Promise<Store> {
  await (await openSqliteStore({ path }))[Symbol.asyncDispose]();
  define(path, tasks);
  return await openSqliteStore({ path });
}

it("lists and finds 10,000 tasks as fast as ten, and keeps the last 1,000 versions of each", async () => {
  await using folder = tempFolder();
  await using short = await withTasks(join(folder.path, "few.db"), few);
  await using store = await withTasks(join(folder.path, "berth.db"), tasks);
  const { definitions } = store;
  const page = (of: Store, after: string | null, limit: number) =>
    of.definitions.list("task", { owner: null, after, limit });
  for (const [after, limit] of [
    [null, few],
    ["task-00005", 5],
  ] as const)
    await demandAsFast(`list of tasks from ${after ?? "the first"} on`, {
      few: () => page(short, after, limit),
      many: () => page(store, after, limit),
    });
  expect(await page(store, "task-05000", 25)).toHaveLength(25);
  await demandAsFast("one task", {
    few: () => short.definitions.get("task", "task-00009"),
    many: () => definitions.get("task", "task-09999"),
  });
  const change = { from: 1500, spec: "{}", belongsTo: null, at: 2, by: "ann" };
  expect(await definitions.change({ kind: "task", name: "task-00001" }, change)).toBe("done");
  const versionsOf = async (before: number) =>
    (await definitions.versions("task", "task-00001", { before, limit: 5 })).map(({ version }) => version);
  expect([await versionsOf(505), await versionsOf(1502)]).toEqual([
    [504, 503, 502],
    [1501, 1500, 1499, 1498, 1497],
  ]);
});
