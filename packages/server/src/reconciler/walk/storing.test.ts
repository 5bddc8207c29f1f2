import { existsSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { openReconcilerBench, type ReconcilerBench } from "../../../test/support/reconciler-bench.ts";
import { noInputs, sampleJob } from "../../../test/support/sample-job.ts";
import { until } from "../../../test/support/until.ts";
import type { Job } from "../../core/job/job.ts";
import { grantOf, internetRules, noNetwork } from "../../core/network/profile.ts";
import type { Engine, Launch } from "../../engines/engine.ts";

let bench: ReconcilerBench;
/** What the engine was asked to start. */
let asked: Launch[];
let start: Partial<Engine>;

beforeEach(async () => {
  bench = await openReconcilerBench();
  asked = [];
  start = {
    start: async (launch, signal) => {
      asked.push(launch);
      return await bench.engine.start(launch, signal);
    },
  };
});
afterEach(() => bench[Symbol.asyncDispose]());

function jobOf(arg: string): Job {
  const job = sampleJob({ state: "preparing", spec: { command: "fake", args: [arg] } });
  return { ...job, handle: bench.engine.handleFor(job.id) };
}

it("prepares the start of a job while it is stored, and runs it once that is done", async () => {
  await using server = await bench.open(start);
  const job = jobOf("print=ran");
  server.scheduler.reserve(job);
  server.scheduler.prepare(job, noNetwork);
  const launch = await until(() => asked[0] ?? null, { what: "the start" });
  expect([await bench.engine.list(), existsSync(join(launch.output.stdout, ".."))]).toEqual([[], false]);
  await bench.store.jobs.insert({ job, inputs: noInputs, idempotency: null });
  server.scheduler.wake(job.id);
  await bench.untilState(job.id, "succeeded");
  expect(asked).toHaveLength(1);
  expect(await bench.eventsOf(job.id)).toEqual(["queued", "preparing", "running", "succeeded"]);
  expect(bench.faults).toEqual([]);
});

it("prepares it with the network that it is granted, which nobody can read yet", async () => {
  await using server = await bench.open(start);
  const network = grantOf("internet", { rules: internetRules, observe: true });
  const { name, digest } = network;
  const job = { ...jobOf("print=ran"), network: { name, digest, observe: true } };
  server.scheduler.reserve(job);
  server.scheduler.prepare(job, network);
  const launch = await until(() => asked[0] ?? null, { what: "the start" });
  expect(launch.network).toEqual(network);
  await bench.store.jobs.insert({ job, inputs: noInputs, networkRules: internetRules, idempotency: null });
  server.scheduler.wake(job.id);
  await bench.untilState(job.id, "succeeded");
  expect(bench.faults).toEqual([]);
});

it("leaves nothing of a job that was not stored, and gives its slot to the next", async () => {
  await using server = await bench.open(start);
  const job = jobOf("print=ran");
  expect(server.scheduler.reserve(job)).toBe(true);
  server.scheduler.prepare(job, noNetwork);
  const launch = await until(() => asked[0] ?? null, { what: "the start" });
  server.scheduler.release(job.id);
  await until(() => server.scheduler.slots("fake").busy === 0, { what: "a free slot" });
  expect([await bench.engine.list(), existsSync(join(launch.output.stdout, ".."))]).toEqual([[], false]);
  expect(await bench.store.jobs.get(job.id)).toBeNull();
  expect(bench.faults).toEqual([]);
});

it("ends a job whose start failed before it was stored, once it is", async () => {
  await using server = await bench.open(start);
  const job = jobOf("fail-start=job");
  server.scheduler.reserve(job);
  server.scheduler.prepare(job, noNetwork);
  await until(() => asked[0] ?? null, { what: "the start" });
  await bench.store.jobs.insert({ job, inputs: noInputs, idempotency: null });
  server.scheduler.wake(job.id);
  await bench.untilState(job.id, "failed");
  expect(await bench.eventsOf(job.id)).toEqual(["queued", "preparing", "failed"]);
  expect(bench.faults).toEqual([]);
});
