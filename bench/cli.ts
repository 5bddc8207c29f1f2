import { spawn } from "node:child_process";
import { once } from "node:events";
import { type Bench, inTurns } from "./bench.ts";
import { environment, LAUNCHER, millis } from "./measure/command-line.ts";
import { runJob, submitJob } from "./measure/jobs.ts";
import { writeBlocks, blockBytes } from "./measure/numbered-blocks.ts";
import { proportionalBytes } from "./measure/processes.ts";
import type { Row } from "./measure/row.ts";
import { median } from "./measure/statistics.ts";

const MIB = 2 ** 20;

/** The command line as people start it, against a Node that does nothing, and against curl. */
export async function measureCli(bench: Bench): Promise<Row[]> {
  return [...(await startRows(bench)), ...(await byteRows(bench)), await memoryRow(bench)];
}

async function startRows({ server, rounds, scale }: Bench): Promise<Row[]> {
  const count = Math.ceil(20 * scale);
  const nodes: number[] = [];
  const lists: number[] = [];
  const runs: number[] = [];
  for (let round = 0; round < rounds * count; round++) {
    nodes.push(await millis(process.execPath, ["-e", "0"], server));
    lists.push(await millis(LAUNCHER, ["list", "--limit", "5"], server));
    runs.push(await millis(LAUNCHER, ["run", "-q", "--", "true"], server));
  }
  const floor = median(nodes);
  const goal = { kind: "ratio", atMost: 3 } as const;
  return [
    {
      what: "`berth list`, start to end, against a bare Node",
      unit: "ms",
      berth: median(lists),
      floor,
      goal,
    },
    {
      what: "`berth run -- true`, start to end, against a bare Node",
      unit: "ms",
      berth: median(runs),
      floor,
      goal,
    },
  ];
}

async function byteRows({ server, rounds }: Bench): Promise<Row[]> {
  const blocks = (256 * MIB) / blockBytes;
  const [command = "", ...args] = writeBlocks(blocks);
  const spec = { command, args, output: { limit: 2 * blocks * blockBytes } };
  const rate = (ms: readonly number[]): number => (blocks * blockBytes) / MIB / (median(ms) / 1000);
  const { id: ended } = await runJob(server.client, spec);
  const curl = (id: string): string[] => [
    "-sN",
    "-H",
    `Authorization: Bearer ${server.token}`,
    `${server.url}/api/v1/jobs/${id}/output?follow=true`,
  ];
  const read = await inTurns(rounds, {
    floor: () => millis("curl", curl(ended), server),
    berth: () => millis(LAUNCHER, ["output", ended], server),
  });
  const lived = await inTurns(rounds, {
    floor: async () => {
      const began = performance.now();
      const { id } = await submitJob(server.client, spec);
      await millis("curl", curl(id), server);
      return performance.now() - began;
    },
    berth: () =>
      millis(
        LAUNCHER,
        ["run", "-q", "--output-limit", String(spec.output.limit), "--", command, ...args],
        server,
      ),
  });
  const size = `${Math.round((blocks * blockBytes) / MIB)} MiB`;
  const goal = { kind: "ratio", atLeast: 0.6 } as const;
  const row = (what: string, found: typeof read): Row => ({
    what: `${what} ${size}, against curl`,
    unit: "MiB/s",
    berth: rate(found.berth),
    floor: rate(found.floor),
    goal,
  });
  return [row("`berth output` of", read), row("`berth run` of a job writing", lived)];
}

/** What a client costs that waits for a job, beside what it shares with others. */
async function memoryRow({ server }: Bench): Promise<Row> {
  const node = spawn(process.execPath, ["-e", "console.log(1); setInterval(() => {}, 1000)"], {
    stdio: "pipe",
  });
  await once(node.stdout, "data");
  const bare = proportionalBytes(node.pid ?? 0) / MIB;
  node.kill();
  const waiting = ["run", "-q", "--", "sh", "-c", "echo begun; sleep 60"];
  const client = spawn(LAUNCHER, waiting, { stdio: "pipe", env: environment(server) });
  await once(client.stdout, "data");
  const berth = proportionalBytes(client.pid ?? 0) / MIB;
  const ended = once(client, "exit");
  client.kill("SIGINT");
  await ended;
  return {
    what: "a waiting `berth run`, its own share of memory, against a bare Node",
    unit: "MiB",
    berth,
    floor: bare,
    goal: { kind: "none" },
  };
}
