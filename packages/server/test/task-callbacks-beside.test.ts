import { randomBytes } from "node:crypto";
import { afterEach, beforeEach, expect, it } from "vitest";
import { laneOf } from "../src/core/job/delivery/delivery.ts";
import { DeliveryKeeper, type KeeperOptions } from "../src/deliveries/keeper.ts";
import { systemClock } from "../src/lib/clock.ts";
import { newId } from "../src/lib/ids.ts";
import { reachOf } from "../src/outbound/reach.ts";
import { CallbackReceiver } from "./support/callback-receiver.ts";
import { openReconcilerBench, type ReconcilerBench } from "./support/reconciler-bench.ts";
import { serverAudit } from "./support/sample-audit.ts";
import { until } from "./support/until.ts";

const secret = `whsec_${randomBytes(32).toString("base64")}`;
const key = new Map([["key", Buffer.from(secret)]]);

let bench: ReconcilerBench;
let hanging: CallbackReceiver;
let other: CallbackReceiver;
beforeEach(async () => {
  bench = await openReconcilerBench();
  hanging = await CallbackReceiver.open(secret);
  hanging.answer = () => undefined;
  other = await CallbackReceiver.open(secret);
});
afterEach(async () => {
  await Promise.all([hanging, other].map((one) => one[Symbol.asyncDispose]()));
  await bench[Symbol.asyncDispose]();
});

function open(options: Partial<KeeperOptions> = {}): DeliveryKeeper {
  const keeper = new DeliveryKeeper({
    store: bench.store,
    audit: serverAudit,
    secrets: { pin: (name) => Promise.resolve({ name, version: "1", values: key }) },
    clock: systemClock,
    reach: reachOf(["127.0.0.0/8"]),
    whyHeld: () => null,
    tried: () => undefined,
    report: (what, error) => void bench.faults.push(`${what}: ${String(error)}`),
    ...options,
  });
  keeper.start();
  return keeper;
}

/** A job that has ended, of which this one is told. */
async function ended(owner: string, url: string): Promise<string> {
  const jobId = await bench.insert({ owner, state: "queued" });
  const createdAt = Date.now();
  const delivery = { id: newId(), jobId, lane: laneOf({ owner, url }), url, secret: "hook", createdAt };
  await bench.store.jobs.transition(jobId, "failed", { at: createdAt, deliveries: [delivery] });
  return jobId;
}

it("goes out at once while a thousand others wait for a receiver that hangs", {
  timeout: 300_000,
}, async () => {
  await Promise.all(Array.from({ length: 1000 }, () => ended("ann", hanging.origin)));
  await using keeper = open({ times: { timeoutMs: 60_000, leaseMs: 120_000 } });
  await until(() => hanging.told.length === 4, { what: "all that one receiver is sent at once" });
  const id = await ended("bob", other.origin);
  const begun = performance.now();
  keeper.wake();
  await until(() => other.told.length === 1, { what: "the other delivery" });
  const tookMs = performance.now() - begun;
  // It would wait for a minute behind the others.
  expect(tookMs).toBeLessThan(20_000);
  await until(async () => (await bench.store.deliveries.ofJob(id))[0]?.delivery.state === "delivered", {
    what: "its note",
  });
  // Of the same owner, to somebody who listens.
  await ended("ann", other.origin);
  keeper.wake();
  await until(() => other.told.length === 2, { what: "the delivery of the same owner" });
  expect(hanging.told).toHaveLength(4);
  expect(await bench.store.deliveries.pending()).toBeGreaterThanOrEqual(1000);
  console.log(`beside 1,000 that hang: ${tookMs.toFixed(0)} ms`);
});

it("is cut and noted when the server goes down, and sent at once by the next one", async () => {
  const id = await ended("ann", hanging.origin);
  const keeper = open();
  await until(() => hanging.told.length === 1, { what: "the delivery" });
  await keeper[Symbol.asyncDispose]();
  const [cut] = await bench.store.deliveries.ofJob(id);
  expect(cut?.attempts).toMatchObject([{ n: 1, address: "127.0.0.1", why: "the server is going down" }]);
  expect(cut?.delivery.nextAt).toBe(cut?.attempts[0]?.endedAt);
  hanging.answer = (_, response) => void response.writeHead(200).end();
  await using next = open();
  next.wake();
  await until(() => hanging.told.length === 2, { what: "the next attempt" });
});

it("gives up on what does not answer in time, and takes no more than a head of what does not end", async () => {
  const [silent, endless] = [await ended("ann", hanging.origin), await ended("ann", other.origin)];
  other.answer = (_, response) => {
    response.writeHead(200);
    const pour = (): void => void response.write(Buffer.alloc(2 ** 20), pour);
    response.on("error", () => undefined);
    pour();
  };
  await using _keeper = open({ times: { timeoutMs: 300, leaseMs: 5000 } });
  const stateOf = async (id: string) => (await bench.store.deliveries.ofJob(id))[0];
  await until(async () => (await stateOf(endless))?.delivery.state === "delivered", { what: "the endless" });
  await until(async () => ((await stateOf(silent))?.attempts[0]?.endedAt ?? null) !== null, {
    what: "the silent",
  });
  expect((await stateOf(silent))?.attempts[0]?.why).toBe("no answer within 300 ms");
});

it("sends nothing of the jobs of whoever is locked, and says so", async () => {
  const id = await ended("ann", other.origin);
  await using _keeper = open({ whyHeld: () => "nothing is sent: the owner of the job is locked" });
  const tried = async () => (await bench.store.deliveries.ofJob(id))[0]?.attempts[0];
  await until(async () => (await tried())?.why?.endsWith("is locked") === true, { what: "the refusal" });
  expect(other.told).toEqual([]);
});

it("goes on when the clock was set back", async () => {
  let back = 0;
  const id = await ended("ann", other.origin);
  other.answer = (_, response) => void response.writeHead(500).end();
  await using keeper = open({ clock: { ...systemClock, now: () => Date.now() - back } });
  await until(() => other.told.length === 1, { what: "the first attempt" });
  const attempts = async () => (await bench.store.deliveries.ofJob(id))[0]?.attempts;
  await until(async () => (await attempts())?.[0]?.status === 500, { what: "its note" });
  other.answer = (_, response) => void response.writeHead(200).end();
  back = 3_600_000;
  keeper.wake();
  await until(async () => ((await attempts())?.[1]?.endedAt ?? null) !== null, {
    what: "the second attempt",
  });
  expect((await attempts())?.[1]?.status).toBe(200);
});
