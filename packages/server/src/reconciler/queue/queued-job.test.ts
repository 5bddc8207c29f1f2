import { expect, it } from "vitest";
import { openReconcilerBench } from "../../../test/support/reconciler-bench.ts";
import { asked } from "../../../test/support/sample-job.ts";
import { until } from "../../../test/support/until.ts";

const asking = (id: string) => ({
  id,
  owner: "alice",
  engine: "fake",
  priority: 0,
  limits: { cpu: null, memory: null },
});

it("gives up the place in line of a job that was ended while it waited, also where its inputs cannot be dropped", async () => {
  await using bench = await openReconcilerBench();
  await using server = await bench.open();
  const { jobs } = bench.store;
  const drop = jobs.dropInputs.bind(jobs);
  jobs.dropInputs = () => {
    jobs.dropInputs = drop;
    return Promise.reject(new Error("the disk is full"));
  };
  server.scheduler.reserve(asking("runs"));
  const taken = Array.from({ length: server.scheduler.slots("fake").total - 1 }, (_, n) => `runs too ${n}`);
  for (const id of taken) server.scheduler.reserve(asking(id));
  const id = await bench.insert({ state: "queued" });
  expect(server.scheduler.reserve(asking(id))).toBe(false);
  server.scheduler.wake(id);
  await jobs.update(id, { stop: asked(0) });
  server.scheduler.wake(id);
  await bench.untilState(id, "canceled");
  await until(() => server.scheduler.slots("fake").queued === 0, { what: "an empty line" });
  expect(bench.faults).toEqual([`Cannot clean up after queued job "${id}"`]);
});
