import { expect, it } from "vitest";
import { openReconcilerBench } from "../../../test/support/reconciler-bench.ts";
import { sampleJob } from "../../../test/support/sample-job.ts";
import { until } from "../../../test/support/until.ts";

it("goes on where an engine cannot say what it holds, and reports that", async () => {
  await using bench = await openReconcilerBench();
  const job = sampleJob({ state: "preparing" });
  const inputs = { files: [], stdin: Buffer.from("secret") };
  await bench.store.jobs.insert({ job, inputs, idempotency: null });
  await bench.store.jobs.transition(job.id, "failed", { at: Date.now(), endedAt: Date.now() });
  await using _server = await bench.open({ list: () => Promise.reject(new Error("no such folder")) });
  const isGone = async (): Promise<boolean> => (await bench.store.jobs.inputs(job.id)).stdin === null;
  await until(isGone, { what: "what comes after the sweep of the engines" });
  expect(bench.faults).toContain("Cannot list what an engine holds");
});
