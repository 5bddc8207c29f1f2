import type { Bench } from "./bench.ts";
import type { Client } from "./measure/client.ts";
import { runJob, stopJob, submitJob, waitForState } from "./measure/jobs.ts";
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
  const count = Math.ceil(100 * scale);
  const running: number[] = [];
  const backToBack: number[] = [];
  await readMetric(client, LOOP_DELAY);
  for (let round = 0; round < rounds; round++) {
    running.push(await whileRunning(client, () => acknowledgedP95(client, count)));
    backToBack.push(await whileBackToBack(client, () => acknowledgedP95(client, count)));
  }
  const longestMs = (await readMetric(client, LOOP_DELAY)) * 1000 - LOOK_EVERY_MS;
  const acknowledged = { unit: "ms", floor: null, goal: { kind: "value", atMost: 10 } } as const;
  return [
    { ...acknowledged, what: `submit acknowledged, p95, ${BUSY} jobs running`, berth: median(running) },
    { ...acknowledged, what: `submit acknowledged, p95, ${BUSY} back to back`, berth: median(backToBack) },
    {
      what: "event loop blocked, longest (looked at each 10 ms)",
      unit: "ms",
      berth: longestMs,
      floor: null,
      goal: { kind: "value", atMost: 20 },
    },
  ];
}

async function acknowledgedP95(client: Client, count: number): Promise<number> {
  const acknowledged: number[] = [];
  for (let i = 0; i < count; i++) {
    const { id, ms } = await submitJob(client);
    acknowledged.push(ms);
    await client.send("GET", `/api/v1/jobs/${id}?wait=60s`);
  }
  return percentile(acknowledged, 0.95);
}

/** Jobs that stay, each writing a line now and then. */
async function whileRunning<Value>(client: Client, measure: () => Promise<Value>): Promise<Value> {
  const talking = { command: "/bin/sh", args: ["-c", "while :; do echo x; sleep 0.1; done"] };
  const ids = await Promise.all(
    Array.from({ length: BUSY }, async () => (await submitJob(client, talking)).id),
  );
  for (const id of ids) await waitForState(client, id, "running");
  const measured = await measure();
  await Promise.all(ids.map((id) => stopJob(client, id)));
  return measured;
}

/** Jobs that come and go as fast as they can: starting them takes every core there is. */
async function whileBackToBack<Value>(client: Client, measure: () => Promise<Value>): Promise<Value> {
  let busy = true;
  const load = Array.from({ length: BUSY }, async () => {
    while (busy) await runJob(client);
  });
  const measured = await measure();
  busy = false;
  await Promise.all(load);
  return measured;
}
