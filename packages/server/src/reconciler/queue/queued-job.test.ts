import { expect, it } from "vitest";
import { openReconcilerBench } from "../../../test/support/reconciler-bench.ts";
import { asked } from "../../../test/support/sample-job.ts";
import { until } from "../../../test/support/until.ts";

it("gives up the place in line of a job that was ended while it waited, also where its inputs cannot be dropped", async () => {
  await using bench = await openReconcilerBench();
  const { jobs } = bench.store;
  const drop = jobs.dropInputs.bind(jobs);
  jobs.dropInputs = () => {
    jobs.dropInputs = drop;
    return Promise.reject(new Error("the disk is full"));
  };
  await using reconciler = bench.open({});
  await reconciler.start();
  reconciler.reserve("runs", "fake");
  const taken = Array.from({ length: reconciler.slots("fake").total - 1 }, (_, n) => `runs too ${n}`);
  for (const id of taken) reconciler.reserve(id, "fake");
  const id = await bench.insert({ state: "queued" });
  expect(reconciler.reserve(id, "fake")).toBe(false);
  reconciler.wake(id);
  await jobs.update(id, { stop: asked(0) });
  reconciler.wake(id);
  await bench.untilState(id, "canceled");
  await until(() => reconciler.slots("fake").queued === 0, { what: "an empty line" });
  expect(bench.faults).toEqual([`Cannot clean up after queued job "${id}"`]);
});

it("takes up those that ran before those that wait", async () => {
  await using bench = await openReconcilerBench();
  const waits = await bench.insert({ state: "queued" });
  const ran = await bench.insert({ state: "preparing", spec: { command: "fake", args: ["exit=0"] } });
  const { jobs } = bench.store;
  const get = jobs.get.bind(jobs);
  const gate = Promise.withResolvers<void>();
  jobs.get = async (id) => {
    if (id === waits) await gate.promise;
    return get(id);
  };
  await using reconciler = bench.open({});
  const started = reconciler.start();
  expect(await bench.untilState(ran, "succeeded")).toMatchObject({ id: ran });
  gate.resolve();
  await started;
});
