import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, it } from "vitest";
import type { JobFilter } from "../src/store/store.ts";
import { openSqliteStore } from "../src/store/sqlite/open.ts";
import { filterOf } from "./support/sample-job.ts";
import { StoreBench } from "./support/store-bench.ts";
import { tempFolder } from "./support/temp-folder.ts";

const copies = 100_000;

/** Copies of one finished job, a second apart; every tenth belongs to somebody else. */
function fill(path: string, id: string): void {
  const database = new DatabaseSync(path);
  const others: Record<string, string> = {
    id: "printf('copy-%06d', n)",
    owner: "iif(n % 10, owner, 'bob')",
    created_at: "created_at + 1000 * n",
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
    const times: number[] = [];
    for (let round = 0; round < 21; round += 1) {
      const start = performance.now();
      expect((await store.jobs.list(filterOf(filter))).items).toHaveLength(count);
      times.push(performance.now() - start);
    }
    const median = times.toSorted((one, other) => one - other)[10] ?? 0;
    console.log(`list of ${count} by ${what}, of ${copies} jobs: ${median.toFixed(2)} ms`);
  }
  expect((await store.jobs.counts()).succeeded).toBe(copies + 1);
});
