import { describe, expect, it } from "vitest";
import { newId } from "../../../src/lib/ids.ts";
import type { StoreBench } from "../../support/store-bench.ts";

export function describeQueueing(use: () => StoreBench): void {
  describe("who is next in the queue of an engine", () => {
    it("is the oldest that waits there, whatever the clock said, and nobody who waits no more", async () => {
      const { store } = use();
      const engine = `queue-${newId()}`;
      const ids = Array.from({ length: 6 }, () => newId());
      // Stored in another order than they came in, and as by a clock that was set back meanwhile.
      for (const [n, id] of ids.toReversed().entries())
        await use().insert({ id, engine, createdAt: 1_800_000_000_000 + n });
      const [first = "", second, third = "", ...rest] = ids;
      await use().insert({ engine: "another" });
      expect(await store.jobs.queued(engine, 10)).toEqual(ids);
      expect(await store.jobs.queued(engine, 2)).toEqual([first, second]);
      await use().move(first, "preparing");
      await use().move(third, "canceled");
      expect(await store.jobs.queued(engine, 10)).toEqual([second, ...rest]);
      expect(await store.jobs.queued("no such engine", 10)).toEqual([]);
    });

    it("is begun by one only, of two who ask at once", async () => {
      const { id } = await use().insert();
      const begin = () =>
        use().store.jobs.transition(id, "preparing", { from: "queued", at: 1_800_000_001_000 });
      const begun = await Promise.all([begin(), begin()]);
      expect(begun.filter((job) => job !== null)).toHaveLength(1);
    });
  });
}
