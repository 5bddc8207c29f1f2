import { cpSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { type Bench, inTurns } from "./bench.ts";
import type { Client } from "./measure/client.ts";
import type { Row } from "./measure/row.ts";
import { startServer } from "./measure/server.ts";
import { standby } from "./measure/standby.ts";
import { median } from "./measure/statistics.ts";
import { warmUp, warmUpJobs } from "./measure/warm-up.ts";

const TASKS = 10_000;
const RUNS = 100_000;
const DATABASE = "berth.db";
const RUN = "/api/v1/tasks/one/run?wait=60s";
const LIST = "/api/v1/tasks/one/jobs?limit=50";

/** A server with many tasks, and many runs of the one that is run, against a server that has that one alone. */
export async function measureManyTasks({ server, rounds, scale }: Bench): Promise<Row[]> {
  const [few, many] = [join(server.folder, "few-tasks"), join(server.folder, "many-tasks")];
  const id = await defineAndRun(few);
  cpSync(few, many, { recursive: true });
  const counts = { id, tasks: Math.ceil(TASKS * scale), runs: Math.ceil(RUNS * scale) };
  fill(join(many, "data", DATABASE), counts);
  await using fewServer = await startServer(few, { name: "few-tasks" });
  await using manyServer = await startServer(many, { name: "many-tasks" });
  const clients = [fewServer.client, manyServer.client] as const;
  for (const client of clients) await warmUp(() => timed(client, "POST", RUN), (warmUpJobs / 4) * scale);
  const [runMs, listMs]: [number[][], number[][]] = [
    [[], []],
    [[], []],
  ];
  const both = (of: 0 | 1) => async () => {
    const client = clients[of];
    await standby(client);
    runMs[of]?.push((await timed(client, "POST", RUN)).ms);
    listMs[of]?.push((await timed(client, "GET", LIST)).ms);
  };
  await inTurns(rounds * Math.ceil(60 * scale), { floor: both(0), berth: both(1) });
  const stored = `${counts.tasks.toLocaleString("en")} tasks and ${counts.runs.toLocaleString("en")} runs of it stored`;
  return [
    row(`a run of a task to its exit, ${stored}, against few`, runMs),
    row(`list of 50 runs of a task, ${stored}, against few`, listMs),
  ];
}

/** The id of its last run. */
async function defineAndRun(folder: string): Promise<string> {
  await using server = await startServer(folder, { name: "few-tasks" });
  await server.client.send("POST", "/api/v1/runners", { name: "plain", spec: {} });
  await server.client.send("POST", "/api/v1/tasks", {
    name: "one",
    spec: { runner: "plain", command: "true" },
  });
  // As many runs as a list shows.
  for (let i = 1; i < 50; i++) await timed(server.client, "POST", RUN);
  const { body } = await timed(server.client, "POST", RUN);
  return (JSON.parse(body) as { id: string }).id;
}

/** Copies the task and its run, each run a second older than the one before. */
function fill(path: string, { id, tasks, runs }: { id: string; tasks: number; runs: number }): void {
  using database = new DatabaseSync(path);
  const older = (column: string) => [column, `${column} - 1000 * n`] as const;
  copyRows(database, { table: "job", where: `id = '${id}'`, times: runs }, [
    ["id", "'01a00000-0000-7000-8000-' || printf('%012x', n)"],
    ["alias", "null"],
    ...["created_at", "started_at", "ended_at"].map(older),
  ]);
  copyRows(database, { table: "definition", where: "kind = 'task' and name = 'one'", times: tasks }, [
    ["name", "printf('task-%05d', n)"],
  ]);
}

function copyRows(
  database: DatabaseSync,
  { table, where, times }: { table: string; where: string; times: number },
  changed: readonly (readonly [column: string, value: string])[],
): void {
  const values = new Map(changed);
  const names = database.prepare(`select name from pragma_table_info('${table}')`).all();
  const columns = names.map(({ name }) => String(name));
  database.exec(`with recursive copy(n) as (select 1 union all select n + 1 from copy where n < ${times})
    insert into ${table} (${columns.join()})
    select ${columns.map((column) => values.get(column) ?? column).join()} from ${table}, copy where ${where}`);
}

async function timed(client: Client, method: "GET" | "POST", path: string) {
  const answer = await client.send(method, path);
  const { state = "succeeded" } = JSON.parse(answer.body) as { state?: string };
  if (state !== "succeeded") throw new Error(`The run is ${state}: ${answer.body}`);
  return answer;
}

function row(what: string, [floor = [], berth = []]: number[][]): Row {
  const goal = { kind: "ratio", atMost: 1.11 } as const;
  return { what, unit: "ms", berth: median(berth), floor: median(floor), goal };
}
