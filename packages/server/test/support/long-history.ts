import { expect } from "vitest";
import type { JobFilter, Store } from "../../src/store/store.ts";
import { filterOf } from "./sample-job.ts";

export const copies = 100_000;
export const few = 10;
/** So many times as long as with few it may take, in the median of turns, on a host that does other things too. */
const SLOWER = 3;
/** What such a host does to a few tenths of a millisecond, in ms. */
const NOISE_MS = 0.5;

/**
 * Statements that store copies of one finished job, a second apart: every tenth belongs to somebody else, two of three were runs
 * of a task.
 */
export function copiesOf(id: string, { count, columns }: { count: number; columns: readonly string[] }) {
  const others: Record<string, string> = {
    id: "'copy-' || substr(cast(1000000 + n as text), 2)",
    owner: "case when n % 10 = 0 then 'bob' else owner end",
    name: "'nightly'",
    created_at: "created_at + 1000 * n",
    task: "case when n % 3 = 0 then null else 'task-00007' end",
    task_version: "1",
    runner_version: "1",
  };
  const values = columns.map((name) => others[name] ?? name).join(", ");
  return [
    `WITH RECURSIVE copy(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM copy WHERE n < ${count})
     INSERT INTO job (${columns.join(", ")}) SELECT ${values} FROM job, copy WHERE id = '${id}'`,
    `INSERT INTO job_label (job_id, key, value, created_at, owner)
     SELECT id, 'team', case when substr(id, 11) IN ('1', '2') then 'a' else 'b' end, created_at, owner FROM job`,
  ];
}

const labeled = (value: string) => ({ labels: [{ key: "team", value }] });

const filters: [string, Partial<JobFilter>, number][] = [
  ["everything", {}, 50],
  ["an owner", { owner: "bob" }, 50],
  ["jobs that run", { states: ["queued", "running"] }, 0],
  ["what an owner has running", { owner: "bob", states: ["running"] }, 0],
  ["a label", labeled("a"), 50],
  ["a label of an owner", { owner: "bob", ...labeled("b") }, 50],
  ["a label of an owner who has none of it", { owner: "bob", ...labeled("a") }, 0],
  ["a name", { name: "nightly" }, 50],
  ["a name of an owner", { owner: "bob", name: "nightly" }, 50],
  ["a name of an owner who has none of it", { owner: "carl", name: "nightly" }, 0],
  ["a task", { task: "task-00007" }, 50],
  ["a task and its owner", { task: "task-00007", owner: "bob" }, 50],
  ["a task of which an owner ran none", { task: "task-00007", owner: "carl" }, 0],
  ["a task that nobody ran", { task: "task-00008" }, 0],
  ["a day long ago", { createdBefore: 1_800_000_000_000 + 86_400_000 }, 50],
];

/** A list takes no longer of a store with 100,000 jobs than of one with ten. Answers how many jobs the long one has. */
export async function listsAsFast(short: Store, store: Store): Promise<number> {
  for (const [what, filter, count] of filters) {
    // Of ten there are no 50: a page of as many as there are of both.
    const limit = Math.max(1, (await short.jobs.list(filterOf(filter))).items.length);
    const page = (of: Store, most: number) => of.jobs.list({ ...filterOf(filter), limit: most });
    expect((await page(store, 50)).items).toHaveLength(count);
    await demandAsFast(`list by ${what}`, { few: () => page(short, limit), many: () => page(store, limit) });
  }
  return (await store.jobs.counts()).succeeded;
}

/** In turns, so that a busy moment of the host hits both; a longer one is waited out, twice. */
export async function demandAsFast(
  what: string,
  act: Record<"few" | "many", () => Promise<unknown>>,
): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    const { few, many } = await medians(act);
    const said = `${what}: ${many.toFixed(2)} ms with many, ${few.toFixed(2)} ms with few`;
    console.log(said);
    if (many <= SLOWER * few + NOISE_MS) return;
    if (tries === 3) throw new Error(said);
  }
}

async function medians(
  act: Record<"few" | "many", () => Promise<unknown>>,
): Promise<Record<"few" | "many", number>> {
  const times = { few: [] as number[], many: [] as number[] };
  for (let round = 0; round < 30; round += 1)
    for (const which of ["few", "many"] as const) {
      const start = performance.now();
      await act[which]();
      times[which].push(performance.now() - start);
    }
  const median = (all: number[]): number => all.toSorted((one, other) => one - other)[15] ?? 0;
  return { few: median(times.few), many: median(times.many) };
}
