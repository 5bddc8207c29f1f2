import { mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { job } from "@berth/protocol";
import { type Bench, inTurns } from "./bench.ts";
import { runJob, runMany } from "./measure/jobs.ts";
import { fillHistory } from "./measure/fill-history.ts";
import type { Row } from "./measure/row.ts";
import { startServer } from "./measure/server.ts";
import { median, percentile } from "./measure/statistics.ts";
import { warmUp, warmUpJobs } from "./measure/warm-up.ts";

const JOBS = 100_000;
const DATABASE = "berth.db";
/** At least 0.9 of the speed without history. */
const SLOWEST = 0.9;

/** A server with many finished jobs against one with few, in turns. */
export async function measureWithHistory({ server, rounds, scale }: Bench): Promise<Row[]> {
  const folder = join(dirname(server.dataDir), "history");
  mkdirSync(join(folder, "data"), { recursive: true, mode: 0o711 });
  const { id } = await runJob(server.client);
  const seen = job.parse(JSON.parse((await server.client.send("GET", `/api/v1/jobs/${id}`)).body));
  await fillHistory(join(folder, "data", DATABASE), { count: Math.ceil(JOBS * scale), seen });
  await using old = await startServer(folder, { name: "history" });
  await warmUp(() => runJob(old.client), warmUpJobs * scale);

  const count = Math.ceil(60 * scale);
  const latency = async (of: typeof server) => {
    const times: number[] = [];
    for (let i = 0; i < count; i++) times.push((await runJob(of.client)).ms);
    return median(times);
  };
  const rate = async (of: typeof server) =>
    (count * 4000) / (await runMany(of.client, { count: count * 4, atOnce: 8 }));
  const times = await inTurns(rounds, { floor: () => latency(server), berth: () => latency(old) });
  const rates = await inTurns(rounds, { floor: () => rate(server), berth: () => rate(old) });
  const lists: number[] = [];
  for (let i = 0; i < 100; i++) lists.push((await old.client.send("GET", "/api/v1/jobs?limit=50")).ms);
  const history = `${(JOBS * scale).toLocaleString("en")} jobs stored`;
  return [
    {
      what: `submit to exit, ${history}, against few`,
      unit: "ms",
      berth: median(times.berth),
      floor: median(times.floor),
      goal: { kind: "ratio", atMost: Number((1 / SLOWEST).toFixed(2)) },
    },
    {
      what: `jobs a second, 8 at once, ${history}, against few`,
      unit: "1/s",
      berth: median(rates.berth),
      floor: median(rates.floor),
      goal: { kind: "ratio", atLeast: SLOWEST },
    },
    {
      what: `list of 50, p95, ${history}`,
      unit: "ms",
      berth: percentile(lists, 0.95),
      floor: null,
      goal: { kind: "value", atMost: 10 },
    },
  ];
}
