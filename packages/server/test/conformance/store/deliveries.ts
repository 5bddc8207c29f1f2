import { describe, expect, it } from "vitest";
import { behindOwner, laneOf, type NewDelivery } from "../../../src/core/job/delivery/delivery.ts";
import { newId } from "../../../src/lib/ids.ts";
import type { StoreBench } from "../../support/store-bench.ts";

const end = { endedAt: 1500, address: "192.0.2.7", status: 503, why: "it answered with status 503" };

export function describeDeliveries(use: () => StoreBench): void {
  describe("deliveries", () => {
    /** Of a job that ends by it, due at 1000. */
    async function ended(...urls: string[]): Promise<NewDelivery[]> {
      const owner = `owner-${newId()}`;
      const { id: jobId } = await use().insertIn("running", { owner });
      const deliveries = urls.map((url) => {
        const lane = laneOf({ owner, url });
        return { id: newId(), jobId, lane, url, secret: "hook", createdAt: 1000 };
      });
      await use().store.jobs.transition(jobId, "succeeded", { at: 1000, deliveries });
      return deliveries;
    }
    const one = async (): Promise<NewDelivery & { key: { id: string; attempt: number } }> => {
      const [made] = await ended("https://a.example/1");
      if (made === undefined) throw new Error("Cannot store a delivery");
      return { ...made, key: { id: made.id, attempt: 1 } };
    };
    const stored = async ({ jobId }: NewDelivery) => (await use().store.deliveries.ofJob(jobId))[0];

    it("come with the end of a job, or neither of the two", async () => {
      const made = await one();
      const { url, secret, lane } = made;
      expect(await stored(made)).toMatchObject({
        delivery: { url, secret, lane, state: "pending", nextAt: 1000, attempts: 0, tries: 0 },
        attempts: [],
      });
      const again = { ...made, id: newId() };
      const { jobs, deliveries } = use().store;
      expect(await jobs.transition(made.jobId, "failed", { at: 1, deliveries: [again] })).toBeNull();
      expect(await deliveries.ofJob(made.jobId)).toHaveLength(1);
    });

    it("go with their job", async () => {
      const made = await one();
      const { jobs, deliveries } = use().store;
      await deliveries.claim(made.key, { at: 1100, until: 9000 });
      expect(await jobs.delete(made.jobId)).toBe(true);
      expect(await deliveries.ofJob(made.jobId)).toEqual([]);
      expect(await deliveries.settle(made.key, end, { state: "delivered" })).toBe(false);
    });

    it("have each attempt claimed by one of many, and put off until it is given up", async () => {
      const made = await one();
      const { deliveries } = use().store;
      const claims = await Promise.all(
        Array.from({ length: 8 }, () => deliveries.claim(made.key, { at: 1100, until: 9000 })),
      );
      expect(claims.filter(Boolean)).toHaveLength(1);
      expect(await deliveries.due(8999, { lane: made.lane, most: 9 })).toEqual([]);
      expect(await deliveries.due(9000, { lane: made.lane, most: 9 })).toMatchObject([{ attempts: 1 }]);
      // Whoever comes late has nothing to say any more.
      expect(await deliveries.claim({ ...made.key, attempt: 2 }, { at: 9000, until: 9500 })).toBe(true);
      expect(await deliveries.settle(made.key, end, { state: "delivered" })).toBe(false);
      const unknown = "nobody knows what came of it: the server went away meanwhile";
      expect((await stored(made))?.attempts).toMatchObject([
        { n: 1, why: unknown },
        { n: 2, why: null },
      ]);
    });

    it("say what came of attempts, and are sent again from the first wait on, once for each asking", async () => {
      const made = await one();
      const { deliveries } = use().store;
      await deliveries.claim(made.key, { at: 1100, until: 9000 });
      expect(await deliveries.settle(made.key, end, { state: "pending", nextAt: 7000 })).toBe(true);
      expect(await stored(made)).toMatchObject({
        delivery: { nextAt: 7000, tries: 1 },
        attempts: [{ n: 1, at: 1100, ...end }],
      });
      expect(await deliveries.resend(made.id, { attempts: 0, at: 2000 })).toBe(false);
      expect(await deliveries.resend(made.id, { attempts: 1, at: 2000 })).toBe(true);
      expect(await deliveries.resend(made.id, { attempts: 1, at: 2000 })).toBe(false);
      expect(await stored(made)).toMatchObject({ delivery: { nextAt: 2000, tries: 0, attempts: 1 } });
      await deliveries.claim({ ...made.key, attempt: 2 }, { at: 2000, until: 9000 });
      const taken = { ...end, endedAt: 2100, status: 200, why: null };
      await deliveries.settle({ ...made.key, attempt: 2 }, taken, { state: "delivered" });
      expect(await stored(made)).toMatchObject({
        delivery: { state: "delivered", nextAt: null, doneAt: 2100 },
      });
      expect(await deliveries.claim({ ...made.key, attempt: 3 }, { at: 2200, until: 9000 })).toBe(false);
    });

    it("are due by lanes, of which those of one owner can be passed over", async () => {
      const [first, second, third] = await ended(
        "https://a.example/1",
        "https://b.example",
        "https://a.example/2",
      );
      const { deliveries } = use().store;
      const { lane = "" } = first ?? {};
      const before = lane.slice(0, -2);
      const own = [lane, second?.lane ?? ""].toSorted();
      expect((await deliveries.dueLanes(1000, { after: before, most: 2 })).toSorted()).toEqual(own);
      expect(await deliveries.dueLanes(999, { after: before, most: 2 })).not.toContain(lane);
      const behind = await deliveries.dueLanes(1000, { after: behindOwner(lane), most: 100 });
      expect(behind.filter((other) => own.includes(other))).toEqual([]);
      const due = await deliveries.due(1000, { lane, most: 9 });
      expect(due.map(({ id }) => id)).toEqual([first?.id, third?.id]);
    });

    it("are due where their server has ended, and where the clock was set back", async () => {
      const [claimed, waits] = [await one(), await one()];
      const { deliveries } = use().store;
      for (const { key } of [claimed, waits]) await deliveries.claim(key, { at: 1100, until: 46_100 });
      await deliveries.settle(waits.key, end, { state: "pending", nextAt: 6500 });
      await deliveries.takeUp({ now: 2000, until: 47_000 });
      expect(await stored(claimed)).toMatchObject({ delivery: { nextAt: 2000 } });
      expect(await stored(waits)).toMatchObject({ delivery: { nextAt: 6500 } });
      await deliveries.setBack(1600);
      expect(await stored(waits)).toMatchObject({ delivery: { nextAt: 6500 } });
      await deliveries.setBack(1400);
      expect(await stored(waits)).toMatchObject({ delivery: { nextAt: 1400 } });
    });
  });
}
