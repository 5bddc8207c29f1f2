import { type Bench, inTurns } from "./bench.ts";
import { runJob, submitJob } from "./measure/jobs.ts";
import type { Client } from "./measure/client.ts";
import type { Row } from "./measure/row.ts";
import { median } from "./measure/statistics.ts";

const GOAL = { kind: "ratio", atMost: 1.5 } as const;

/** One job after another: from the request to the exit, and to the first byte of output, both as the client sees them. */
export async function measureLatency({ server, floor, rounds, scale }: Bench): Promise<Row[]> {
  const count = Math.ceil(60 * scale);
  const found = await inTurns(rounds, {
    floor: async () => median((await floor.run({ count, atOnce: 1 })).eachMs),
    berth: async () => ({
      exit: median(await repeat(count, async () => (await runJob(server.client)).ms)),
      firstByte: median(await repeat(count, () => firstByteMs(server.client))),
    }),
  });
  const floorMs = median(found.floor);
  return [
    {
      what: "submit to exit, one at a time",
      unit: "ms",
      berth: median(found.berth.map((one) => one.exit)),
      floor: floorMs,
      goal: GOAL,
    },
    {
      what: "submit to first output byte",
      unit: "ms",
      berth: median(found.berth.map((one) => one.firstByte)),
      floor: floorMs,
      goal: GOAL,
    },
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

async function repeat(count: number, measure: () => Promise<number>): Promise<number[]> {
  const found: number[] = [];
  for (let i = 0; i < count; i++) found.push(await measure());
  return found;
}
