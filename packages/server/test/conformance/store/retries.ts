import { describe, expect, it } from "vitest";
import type { Job } from "../../../src/core/job/job.ts";
import { laneOf, type NewDelivery } from "../../../src/core/job/delivery/delivery.ts";
import type { RetryClaim } from "../../../src/core/task/retry/retries.ts";
import { newId } from "../../../src/lib/ids.ts";
import { sampleJob } from "../../support/sample-job.ts";
import type { StoreBench } from "../../support/store-bench.ts";

/** Later than what other tests store. */
const far = 2 ** 45;

export function describeRetries(use: () => StoreBench): void {
  describe("runs that are made again", () => {
    const file = { files: [{ name: "a", content: Uint8Array.of(1) }], stdin: null };
    /** One that has ended, and is to be made again then. */
    async function due(at: number): Promise<RetryClaim> {
      const { id } = await use().insert(
        { task: { name: "t", version: 1, runnerVersion: 1 } },
        { inputs: file },
      );
      const retry = { attempt: 2, of: newId(), at };
      await use().move(id, "failed", { retry, endedAt: -70_000 });
      return { job: id, retry, from: at };
    }
    const take = async (retries: RetryClaim): Promise<[Job, string]> => {
      const job = sampleJob({ retry: { attempt: 3, of: retries.retry.of } });
      const { kind } = await use().store.jobs.insert({
        job,
        inputs: { files: [], stdin: null },
        idempotency: null,
        retries,
      });
      return [job, kind];
    };
    const retryOf = async ({ job }: RetryClaim) => (await use().store.jobs.get(job))?.retry;

    it("are made once of many that try, each in its own write", async () => {
      const claim = await due(far);
      const all = await Promise.all(Array.from({ length: 8 }, () => take(claim)));
      const [made, ...more] = all.filter(([, kind]) => kind === "created");
      expect(more).toEqual([]);
      for (const [{ id }, kind] of all)
        expect([kind, (await use().store.jobs.get(id)) !== null]).toEqual([kind, kind === "created"]);
      expect(all.filter(([, kind]) => kind === "not-due")).toHaveLength(7);
      expect(await retryOf(claim)).toEqual({ ...claim.retry, as: made?.[0].id });
      expect((await use().store.jobs.get(made?.[0].id ?? ""))?.retry).toEqual({
        attempt: 3,
        of: claim.retry.of,
      });
    });

    it("are refused, or put off, instead, and then not made", async () => {
      const { retries, jobs } = use().store;
      const [refused, late, gone] = [await due(far), await due(far), await due(far)];
      expect(await retries.refuse(refused, { why: "may not", deliveries: [] })).toBe(true);
      expect(await retries.putOff(late, far + 60)).toBe(true);
      expect(await jobs.delete(gone.job)).toBe(true);
      for (const claim of [refused, late, gone]) {
        expect((await take(claim))[1]).toBe("not-due");
        expect(await retries.putOff(claim, far + 90)).toBe(false);
        expect(await retries.refuse(claim, { why: "again", deliveries: [] })).toBe(false);
      }
      expect(await retryOf(refused)).toEqual({ ...refused.retry, why: "may not" });
      expect(await retryOf(late)).toEqual({ ...late.retry, at: far + 60 });
      expect((await take({ ...late, retry: { ...late.retry, at: far + 60 }, from: far + 60 }))[1]).toBe(
        "created",
      );
    });

    it("have who was told of their end told of a refusal, with it or not at all", async () => {
      const { retries, deliveries } = use().store;
      const claim = await due(far);
      const [owner, url] = ["ann", "https://a.example/1"];
      const told: NewDelivery = {
        id: newId(),
        jobId: claim.job,
        lane: laneOf({ owner, url }),
        url,
        secret: "hook",
        createdAt: far,
      };
      expect(await retries.refuse(claim, { why: "may not", deliveries: [told] })).toBe(true);
      expect(await retries.refuse(claim, { why: "late", deliveries: [{ ...told, id: newId() }] })).toBe(
        false,
      );
      expect((await deliveries.ofJob(claim.job)).map(({ delivery }) => delivery.id)).toEqual([told.id]);
    });

    it("are due in order, a page at a time", async () => {
      const { retries } = use().store;
      const [last, first, second] = [await due(2 * far + 20), await due(2 * far), await due(2 * far)];
      const inOrder = [first, second].map(({ job }) => job).toSorted();
      const after = { nextAt: 2 * far - 1, name: "" };
      const page = await retries.due(2 * far + 20, { after, limit: 2 });
      expect(page.map(({ name }) => name)).toEqual(inOrder);
      const rest = await retries.due(2 * far + 20, { after: page[1] ?? null, limit: 2 });
      expect(rest).toEqual([{ name: last.job, nextAt: 2 * far + 20 }]);
      expect(await retries.firstAfter(2 * far - 1)).toBe(2 * far);
      expect(await retries.firstAfter(2 * far)).toBe(2 * far + 20);
      expect(await retries.firstAfter(2 * far + 20)).toBeNull();
    });

    it("keep what they are made of until then, whatever is swept", async () => {
      const { jobs } = use().store;
      const claim = await due(far);
      const isFinished = async (): Promise<boolean> =>
        (await jobs.finished({ endedBefore: -60_000, limit: 100 })).some(({ id }) => id === claim.job);
      await jobs.dropInputsOfEnded();
      expect([(await jobs.inputs(claim.job)).files.length, await isFinished()]).toEqual([1, false]);
      expect((await take(claim))[1]).toBe("created");
      await jobs.dropInputsOfEnded();
      expect([(await jobs.inputs(claim.job)).files.length, await isFinished()]).toEqual([0, true]);
      await jobs.delete(claim.job);
    });
  });
}
