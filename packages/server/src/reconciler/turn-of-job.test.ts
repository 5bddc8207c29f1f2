import { expect, it } from "vitest";
import { openReconcilerBench } from "../../test/support/reconciler-bench.ts";
import type { CollectRequest, Launch } from "../engines/engine.ts";

it("a job is started, and what it leaves collected, in the turn of its owner", async () => {
  await using bench = await openReconcilerBench();
  const asked: (Launch | CollectRequest)[] = [];
  const spec = { command: "fake", args: ["exit=0"], collect: ["*"] };
  const id = await bench.insert({ owner: "ann", spec });
  await using _server = await bench.open({
    start: async (launch, signal) => {
      asked.push(launch);
      return await bench.engine.start(launch, signal);
    },
    collect: async (handle, request) => {
      asked.push(request);
      return await bench.engine.collect(handle, request);
    },
  });
  await bench.untilState(id, "succeeded");
  expect(asked.map(({ turnOf }) => turnOf)).toEqual(["ann", "ann"]);
});
