import { describe, expect, it } from "vitest";
import type { StoreBench } from "../../support/store-bench.ts";

export function describeWatching(use: () => StoreBench): void {
  describe("watching", () => {
    it("calls back after each committed change of the job, and of no other", async () => {
      const { store } = use();
      const other = await use().insert();
      const { id } = await use().insert();
      let calls = 0;
      const stop = store.subscribe(id, () => void (calls += 1));
      await use().move(other.id, "preparing");
      await use().move(id, "preparing");
      await store.jobs.update(id, { signal: "h" });
      await store.jobs.transition(id, "queued", { at: 1 });
      expect(calls).toBe(2);
      stop();
      stop();
      await use().move(id, "failed");
      expect(calls).toBe(2);
    });

    it("calls back when the job is deleted", async () => {
      const { store } = use();
      const { id } = await use().insertIn("failed");
      const seen = Promise.withResolvers<unknown>();
      using _ = {
        [Symbol.dispose]: store.subscribe(id, () => void store.jobs.get(id).then(seen.resolve)),
      };
      expect(await store.jobs.delete(id)).toBe(true);
      expect(await seen.promise).toBeNull();
    });

    it("lets a listener read what it hears of", async () => {
      const { store } = use();
      const { id } = await use().insert();
      const seen = Promise.withResolvers<string | undefined>();
      using _ = {
        [Symbol.dispose]: store.subscribe(
          id,
          () => void store.jobs.get(id).then((job) => seen.resolve(job?.state)),
        ),
      };
      await use().move(id, "preparing");
      expect(await seen.promise).toBe("preparing");
    });

    it("tells the others when one listener throws, and the change still succeeds", async () => {
      const { store } = use();
      const { id } = await use().insert();
      const warned = new Promise((resolve) => process.once("warning", resolve));
      let calls = 0;
      const stops = [
        store.subscribe(id, () => {
          throw new Error("listener at fault");
        }),
        store.subscribe(id, () => void (calls += 1)),
      ];
      expect((await use().move(id, "preparing")).state).toBe("preparing");
      expect(calls).toBe(1);
      expect(await warned).toMatchObject({ message: "listener at fault" });
      for (const stop of stops) stop();
    });

    it("shows every resolved write to the next read, for many at once", async () => {
      const { store } = use();
      const states = await Promise.all(
        Array.from({ length: 200 }, async () => {
          const { id } = await use().insert();
          const first = (await store.jobs.get(id))?.state;
          await use().move(id, "preparing");
          return [first, (await store.jobs.get(id))?.state];
        }),
      );
      expect(states.every(([first, second]) => first === "queued" && second === "preparing")).toBe(true);
    });

    it("answers a ping", async () => {
      await expect(Promise.all([use().store.ping(), use().store.ping()])).resolves.toBeDefined();
    });
  });
}
