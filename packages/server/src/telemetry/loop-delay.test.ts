import { setTimeout as sleep } from "node:timers/promises";
import { Registry } from "prom-client";
import { expect, it } from "vitest";
import { LoopDelay } from "./loop-delay.ts";

const REST_MS = 3000;
const BUSY_MS = 400;

async function shownMax(registry: Registry): Promise<number> {
  const text = await registry.metrics();
  return Number(/^nodejs_eventloop_lag_max_seconds (\S+)$/m.exec(text)?.[1]);
}

it("takes no rest for a delay, and keeps what it saw before", async () => {
  const registry = new Registry();
  const delays = new LoopDelay(registry);
  await sleep(100);
  const until = performance.now() + BUSY_MS;
  while (performance.now() < until);
  await sleep(100);

  delays.rest(true);
  await sleep(REST_MS);
  delays.rest(false);
  await sleep(100);

  const seen = await shownMax(registry);
  expect(seen).toBeGreaterThanOrEqual(BUSY_MS / 1000 - 0.05);
  expect(seen).toBeLessThan(REST_MS / 1000);
});
