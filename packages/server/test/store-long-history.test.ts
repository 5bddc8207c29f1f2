import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, it } from "vitest";
import type { JobFilter, Store } from "../src/store/store.ts";
import { openSqliteStore } from "../src/store/sqlite/open.ts";
import { filterOf } from "./support/sample-job.ts";
import { StoreBench } from "./support/store-bench.ts";
import { tempFolder } from "./support/temp-folder.ts";

const copies = 100_000;
const tasks = 10_000;
const few = 10;
/** So many times as long as with few it may take, in the median of turns, on a host that does other things too. */
const SLOWER = 3;
/** What such a host does to a few tenths of a millisecond, in ms. */
const NOISE_MS = 0.5;

/** Copies of one finished job, a second apart; every tenth belongs to somebody else. */
function fill(path: string, { id, copies }: { id: string; copies: number }): void {
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
  ["a task", { task: "task-00007" }, 50],
  ["a task and its owner", { task: "task-00007", owner: "bob" }, 50],
  ["a task of which an owner ran none", { task: "task-00007", owner: "carl" }, 0],
  ["a task that nobody ran", { task: "task-00008" }, 0],
  ["a day long ago", { createdBefore: 1_800_000_000_000 + 86_400_000 }, 50],
];

/** No index covers these: what has the label is looked through, in bounded parts with turns for others between them. */
const searches: typeof filters = [
  ["a label of an owner", { owner: "bob", labels: [{ key: "team", value: "b" }] }, 50],
  ["a label of an owner who has none of it", { owner: "bob", labels: [{ key: "team", value: "a" }] }, 0],
];

async function withRuns(path: string, copies: number): Promise<Store> {
  const first = await openSqliteStore({ path });
  const { id } = await new StoreBench(first).insertIn("succeeded", { createdAt: 1_800_000_000_000 });
  await first[Symbol.asyncDispose]();
  fill(path, { id, copies });
  return await openSqliteStore({ path });
}

it("lists 50 of 100,000 finished jobs, as fast as of ten where as many are found", async () => {
  await using folder = tempFolder();
  await using short = await withRuns(join(folder.path, "few.db"), few);
  await using store = await withRuns(join(folder.path, "berth.db"), copies);
  for (const [what, filter, count] of filters) {
    // Of ten there are no 50: a page of as many as there are of both.
    const limit = Math.max(1, (await short.jobs.list(filterOf(filter))).items.length);
    const page = (of: Store, most: number) => of.jobs.list({ ...filterOf(filter), limit: most });
    expect((await page(store, 50)).items).toHaveLength(count);
    await demandAsFast(`list by ${what}`, { few: () => page(short, limit), many: () => page(store, limit) });
  }
  for (const [, filter, count] of searches)
    expect((await store.jobs.list(filterOf(filter))).items).toHaveLength(count);
  expect((await store.jobs.counts()).succeeded).toBe(copies + 1);
});

/** In turns, so that a busy moment of the host hits both. */
async function demandAsFast(
  what: string,
  act: Record<"few" | "many", () => Promise<unknown>>,
): Promise<void> {
  const times = { few: [] as number[], many: [] as number[] };
  for (let round = 0; round < 30; round += 1)
    for (const which of ["few", "many"] as const) {
      const start = performance.now();
      await act[which]();
      times[which].push(performance.now() - start);
    }
  const median = (all: number[]): number => all.toSorted((one, other) => one - other)[15] ?? 0;
  const [short, long] = [median(times.few), median(times.many)];
  const said = `${what}: ${long.toFixed(2)} ms with many, ${short.toFixed(2)} ms with few`;
  console.log(said);
  if (long > SLOWER * short + NOISE_MS) throw new Error(said);
}

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
