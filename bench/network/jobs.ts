import type { JobSpecInput } from "@berth/protocol";
import { inTurns } from "../bench.ts";
import type { Client } from "../measure/client.ts";
import { runJob } from "../measure/jobs.ts";
import type { Row } from "../measure/row.ts";
import { type BenchServer, startServer } from "../measure/server.ts";
import { standby } from "../measure/standby.ts";
import { median } from "../measure/statistics.ts";
import { warmUp, warmUpJobs } from "../measure/warm-up.ts";

export interface Played {
  folder: string;
  rounds: number;
  scale: number;
}

const plain: JobSpecInput = { command: "/bin/echo", args: ["x"] };
const networked: JobSpecInput = { ...plain, network: "internet" };
/** Of each kind. */
const READY = 2;

/** One job after another with the network `internet`, against one without a network: each when as many of both kinds stand ready. */
export async function measureJobs(server: BenchServer, { folder, rounds, scale }: Played): Promise<Row[]> {
  await using cold = await startServer(`${folder}/cold`, {
    name: "netcold",
    env: { BERTH_WARM_SANDBOXES: "0", BERTH_WARM_NETWORKED: "0", BERTH_NETWORK_RANGE: "10.214.0.0/16" },
  });
  for (const one of [server, cold])
    for (const job of [plain, networked])
      await warmUp(() => runJob(one.client, job), (warmUpJobs / 4) * scale);
  const count = Math.ceil(60 * scale);
  return [
    await row("submit to exit with the network `internet`, warm, against none", 1.15, {
      rounds,
      count,
      client: server.client,
      ready: () => standby(server.client, 2 * READY),
    }),
    await row("submit to exit with the network `internet`, no sandbox ready, against none", 1.6, {
      rounds,
      count,
      client: cold.client,
      ready: () => Promise.resolve(0),
    }),
  ];
}

/** In turns job by job, as what befalls the host befalls the next one too. */
async function row(
  what: string,
  atMost: number,
  {
    rounds,
    count,
    client,
    ready,
  }: { rounds: number; count: number; client: Client; ready: () => Promise<number> },
): Promise<Row> {
  const one = (job: JobSpecInput) => async (): Promise<number> => {
    await ready();
    return (await runJob(client, job)).ms;
  };
  const found = await inTurns(rounds * count, { floor: one(plain), berth: one(networked) });
  return {
    what,
    unit: "ms",
    berth: median(found.berth),
    floor: median(found.floor),
    goal: { kind: "ratio", atMost },
  };
}
