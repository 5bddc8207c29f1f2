import { expect, it } from "vitest";
import { openReconcilerBench } from "../../../test/support/reconciler-bench.ts";
import { until } from "../../../test/support/until.ts";

it("goes on where an engine cannot say what it holds, and reports that", async () => {
  await using bench = await openReconcilerBench();
  const { jobs } = bench.store;
  const drop = jobs.dropInputsOfEnded.bind(jobs);
  let isDropped = false;
  jobs.dropInputsOfEnded = async () => {
    isDropped = true;
    await drop();
  };
  await using reconciler = bench.open({ list: () => Promise.reject(new Error("no such folder")) });
  await reconciler.start();
  await until(() => isDropped, { what: "what comes after the sweep of the engines" });
  expect(bench.faults).toContain("Cannot list what an engine holds");
});
