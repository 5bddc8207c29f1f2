import { join } from "node:path";
import { startGitServer } from "../packages/server/test/support/git-server.ts";
import { type Bench, inTurns } from "./bench.ts";
import type { Client } from "./measure/client.ts";
import { runJob } from "./measure/jobs.ts";
import type { Row } from "./measure/row.ts";
import { startServer } from "./measure/server.ts";
import { standby } from "./measure/standby.ts";
import { median } from "./measure/statistics.ts";
import { warmUp, warmUpJobs } from "./measure/warm-up.ts";

const FILES = 100;
const command = "cat file-1";
/** The same program by the same shell, which reads a file as small. */
const direct = { command: "/bin/sh", args: ["-c", "cat /usr/lib/os-release"] };

/** A task whose commit is kept, against the same kind of command by itself: both by turns, with a sandbox that stands ready. */
export async function measureTask({ server, rounds, scale }: Bench): Promise<Row[]> {
  const count = Math.ceil(60 * scale);
  await using git = await startGitServer();
  const files = Array.from({ length: FILES }, (_, n) => [`file-${n}`, "x\n"] as const);
  git.commit("open/tree.git", Object.fromEntries(files));
  const folder = join(server.folder, "task");
  const env = { BERTH_SOURCES_ALLOW: "127.0.0.0/8" };
  await using own = await startServer(folder, { name: "task", env });
  const { client } = own;
  const runner = { url: git.url("open/tree.git"), refresh: "1h" };
  await client.send("POST", "/api/v1/runners", { name: "tree", spec: runner });
  await client.send("POST", "/api/v1/tasks", { name: "tree", spec: { runner: "tree", command } });
  await runTask(client);
  // What a run of a task takes beside is no more compiled than the rest before it has run often.
  for (const one of [() => runJob(client, direct), () => runTask(client)])
    await warmUp(one, (warmUpJobs / 2) * scale);
  const taskMs: number[] = [];
  const directMs: number[] = [];
  await inTurns(rounds * count, {
    floor: async () => {
      await standby(client);
      directMs.push((await runJob(client, direct)).ms);
    },
    berth: async () => {
      await standby(client);
      taskMs.push(await runTask(client));
    },
  });
  return [
    {
      what: `a run of a task at a commit of ${FILES} files that is kept, against a command by itself`,
      unit: "ms",
      berth: median(taskMs),
      floor: median(directMs),
      goal: { kind: "ratio", atMost: 1.2 },
    },
  ];
}

async function runTask(client: Client): Promise<number> {
  const { body, ms } = await client.send("POST", "/api/v1/tasks/tree/run?wait=60s");
  const { state } = JSON.parse(body) as { state: string };
  if (state !== "succeeded") throw new Error(`The run is ${state}: ${body}`);
  return ms;
}
