import { setTimeout as pause } from "node:timers/promises";
import type { Client } from "./client.ts";
import { readMetric } from "./metrics.ts";

const PATIENCE_MS = 10_000;
/** To be asked for its metrics is work for the server too, and with one sandbox taken it makes another. */
const REST_MS = 20;

/** Resolves when a sandbox of the server stands ready, and all is quiet again; how many do. */
export async function standby(client: Client, atLeast = 1): Promise<number> {
  const until = performance.now() + PATIENCE_MS;
  for (;;) {
    const sandboxes = await readMetric(client, 'berth_warm_sandboxes{engine="local"}');
    if (sandboxes >= atLeast) {
      await pause(REST_MS);
      return sandboxes;
    }
    if (performance.now() > until) throw new Error(`Only ${sandboxes} sandboxes of ${atLeast} stand ready`);
    await pause(5);
  }
}
