import { DatabaseSync } from "node:sqlite";
import { expect, it } from "vitest";
import { openReconcilerBench } from "../../../test/support/reconciler-bench.ts";
import { until } from "../../../test/support/until.ts";

it("leaves a job that another server has claimed meanwhile as it is, and what it uses", async () => {
  await using bench = await openReconcilerBench();
  const destroyed: string[] = [];
  const id = await bench.insert({ state: "preparing", spec: { command: "fake", args: ["exit=0"] } });
  await using server = await bench.open({
    wait: async (...args) => {
      const exit = await bench.engine.wait(...args);
      using database = new DatabaseSync(bench.database);
      database.prepare("UPDATE job SET claimed_by = 'another' WHERE id = ?").run(id);
      return exit;
    },
    destroy: async (handle) => void destroyed.push(handle),
  });
  await until(() => bench.faults.length > 0, { what: "that it cannot be ended" });
  expect(bench.faults).toEqual([`Cannot end job "${id}"`]);
  expect(await bench.store.jobs.get(id)).toMatchObject({ endedAt: null });
  await until(() => server.scheduler.slots("fake").busy === 0, { what: "a free slot" });
  expect(destroyed).toEqual([]);
});
