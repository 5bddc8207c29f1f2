import type { Bench } from "./bench.ts";
import { runJob, submitJob } from "./measure/jobs.ts";
import { readMetric } from "./measure/metrics.ts";
import type { Row } from "./measure/row.ts";
import { median, percentile } from "./measure/statistics.ts";

const BUSY = 8;
/** Longest time between two looks at the loop since the metrics were last read; a loop that is free is looked at every 10 ms. */
const LOOK_EVERY_MS = 10;
const LOOP_DELAY = "nodejs_eventloop_lag_max_seconds";

/** How long a submit takes to be acknowledged, durably, while other jobs run; and how long the event loop ever stood. */
export async function measureSubmitUnderLoad({ server, rounds, scale }: Bench): Promise<Row[]> {
  const { client } = server;
  const p95: number[] = [];
  await readMetric(client, LOOP_DELAY);
  for (let round = 0; round < rounds; round++) {
    let busy = true;
    const load = Array.from({ length: BUSY }, async () => {
      while (busy) await runJob(client);
    });
    const acknowledged: number[] = [];
    for (let i = 0; i < 100 * scale; i++) {
      const { id, ms } = await submitJob(client);
      acknowledged.push(ms);
      await client.send("GET", `/api/v1/jobs/${id}?wait=60s`);
    }
    busy = false;
    await Promise.all(load);
    p95.push(percentile(acknowledged, 0.95));
  }
  const longestMs = (await readMetric(client, LOOP_DELAY)) * 1000 - LOOK_EVERY_MS;
  return [
    {
      what: `submit acknowledged, p95, ${BUSY} jobs at once`,
      unit: "ms",
      berth: median(p95),
      floor: null,
      goal: { kind: "value", atMost: 10 },
    },
    {
      what: "event loop blocked, longest",
      unit: "ms",
      berth: longestMs,
      floor: null,
      goal: { kind: "value", atMost: 20 },
    },
  ];
}
