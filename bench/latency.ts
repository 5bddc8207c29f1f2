import { join } from "node:path";
import { type Bench, inTurns, turnsARound } from "./bench.ts";
import { runJob, submitJob } from "./measure/jobs.ts";
import type { Client } from "./measure/client.ts";
import type { Row } from "./measure/row.ts";
import { startServer } from "./measure/server.ts";
import { median } from "./measure/statistics.ts";
import { warmUp, warmUpJobs } from "./measure/warm-up.ts";
import { standby } from "./measure/standby.ts";

/**
 * One job after another: from the request to the exit, and to the first byte of output, both as the client sees them. Warm:
 * a sandbox stands ready and the server rests, as for whoever does not come again within some hundredths of a second. Cold:
 * none ever does. Without a pause the next sandbox is made beside each job.
 */
export async function measureLatency({ server, floor, rounds, scale }: Bench): Promise<Row[]> {
  const count = Math.ceil((60 * scale) / turnsARound);
  const folder = join(server.folder, "cold");
  await using cold = await startServer(folder, { name: "cold", env: { BERTH_WARM_SANDBOXES: "0" } });
  await warmUp(() => runJob(cold.client), warmUpJobs * scale);
  const exitMs = async (client: Client): Promise<number> => (await runJob(client)).ms;
  const found = await inTurns(rounds * turnsARound, {
    floor: async () => (await floor.run({ count, atOnce: 1 })).eachMs,
    berth: async () => ({
      warm: await repeat(count, () => exitMs(server.client), server.client),
      withoutPause: await repeat(count, () => exitMs(server.client)),
      cold: await repeat(count, () => exitMs(cold.client)),
      firstByte: await repeat(count, () => firstByteMs(server.client), server.client),
    }),
  });
  const floorMs = median(found.floor.flat());
  const row = (what: string, key: keyof (typeof found.berth)[number], atMost?: number): Row => ({
    what,
    unit: "ms",
    berth: median(found.berth.flatMap((one) => one[key])),
    floor: floorMs,
    goal: atMost === undefined ? { kind: "none" } : { kind: "ratio", atMost },
  });
  return [
    row("submit to exit, one at a time, warm", "warm", 0.75),
    row("submit to exit, one at a time, without a pause", "withoutPause"),
    row("submit to exit, one at a time, no sandbox ready", "cold", 1.4),
    row("submit to first output byte, warm", "firstByte", 0.7),
  ];
}

async function firstByteMs(client: Client): Promise<number> {
  const began = performance.now();
  const { id } = await submitJob(client);
  const output = client.stream(
    `/api/v1/jobs/${id}/output?follow=true&stream=stdout`,
    "application/octet-stream",
  );
  let firstByte: number | null = null;
  // Read to the end, so that the job is over before the next begins.
  for await (const _ of output) firstByte ??= performance.now() - began;
  if (firstByte === null) throw new Error(`Job "${id}" has written nothing`);
  return firstByte;
}

/** With a client, each time when its server has a sandbox ready. */
async function repeat(count: number, measure: () => Promise<number>, warm?: Client): Promise<number[]> {
  const found: number[] = [];
  for (let i = 0; i < count; i++) {
    if (warm) await standby(warm);
    found.push(await measure());
  }
  return found;
}
