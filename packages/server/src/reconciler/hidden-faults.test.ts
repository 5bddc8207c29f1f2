import { afterEach, beforeEach, expect, it } from "vitest";
import { openReconcilerBench, type ReconcilerBench } from "../../test/support/reconciler-bench.ts";

let bench: ReconcilerBench;
beforeEach(async () => {
  bench = await openReconcilerBench();
});
afterEach(() => bench[Symbol.asyncDispose]());

const fail = (): Promise<never> => Promise.reject(new Error("EMFILE: too many open files, open '/secret'"));

it("tells a job's owner that the server failed, and nothing of how, where what the job left cannot be taken", async () => {
  const spec = { command: "fake", args: ["exit=0"], collect: ["*"], resultFile: "result.json" };
  const id = await bench.insert({ spec });
  await using _server = await bench.open({ collect: fail, readFile: fail });
  const { cause } = await bench.untilState(id, "succeeded");
  expect(cause?.evidence["problems"]).toBe(
    "Cannot keep the artifacts: the server failed; Cannot read the result: the server failed",
  );
  expect(bench.faults).toHaveLength(2);
});

it("tells a job's owner that the host failed, and nothing of how, where it cannot be started", async () => {
  const id = await bench.insert({ spec: { command: "fake", args: [] } });
  await using _server = await bench.open({ start: fail });
  const job = await bench.untilState(id, "failed");
  expect(job.cause).toMatchObject({ code: "engine_failed", evidence: {} });
  expect(JSON.stringify(job)).not.toMatch(/EMFILE|secret/);
});
