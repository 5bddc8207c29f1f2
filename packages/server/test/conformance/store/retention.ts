import { isTerminal, jobStates, terminalStates } from "@berth/protocol";
import { describe, expect, it } from "vitest";
import { sampleJob } from "../../support/sample-job.ts";
import type { StoreBench } from "../../support/store-bench.ts";

export function describeRetention(use: () => StoreBench): void {
  describe("retention", () => {
    it.each(terminalStates)("deletes a job in %s with all that belongs to it", async (state) => {
      const inputs = { files: [{ name: "a", content: Uint8Array.of(1) }], stdin: null };
      const { id } = await use().insert({ labels: { gone: state } }, { inputs });
      if (state === "succeeded" || state === "lost") await use().move(id, "preparing");
      await use().move(id, state);
      expect(await use().store.jobs.delete(id)).toBe(true);
      expect(await use().store.jobs.get(id)).toBeNull();
      expect(await use().store.events.list(id, 0)).toEqual([]);
      expect(await use().store.jobs.inputs(id)).toEqual({ files: [], stdin: null });
      expect(await use().listIds({ labels: [{ key: "gone", value: state }] })).toEqual([]);
      expect(await use().store.jobs.delete(id)).toBe(false);
    });

    it.each(jobStates.filter((state) => !isTerminal(state)))("does not delete a job in %s", async (state) => {
      const job = await use().insertIn(state);
      expect(await use().store.jobs.delete(job.id)).toBe(false);
      expect(await use().store.jobs.get(job.id)).toStrictEqual(job);
      expect(await use().store.events.list(job.id, 0)).not.toEqual([]);
    });

    it("does not delete what is not there", async () => {
      expect(await use().store.jobs.delete(sampleJob().id)).toBe(false);
    });

    it("deletes a job once when many ask at once", async () => {
      const { id } = await use().insertIn("failed");
      const answers = await Promise.all(Array.from({ length: 20 }, () => use().store.jobs.delete(id)));
      expect(answers.filter(Boolean)).toHaveLength(1);
    });

    it("names finished jobs that ended before a time, oldest first, up to a limit", async () => {
      const ended = await Promise.all(
        [-20, -40, -30, -10].map(async (endedAt) => {
          const { id } = await use().insert({ handle: `h${endedAt}`, engine: "local" });
          await use().move(id, "canceled", { endedAt });
          const { owner, spec } = sampleJob();
          const recordBytes = spec.size;
          return {
            id,
            owner,
            endedAt,
            handle: `h${endedAt}`,
            engine: "local",
            recordBytes,
          };
        }),
      );
      await use().insertIn("running");
      // Before every other test's times.
      const [third, first, second] = ended;
      expect(await use().store.jobs.finished({ endedBefore: -10, limit: 10 })).toStrictEqual([
        first,
        second,
        third,
      ]);
      expect(await use().store.jobs.finished({ endedBefore: -10, limit: 2 })).toStrictEqual([first, second]);
      const after = second ?? null;
      expect(await use().store.jobs.finished({ endedBefore: -10, limit: 2, after })).toStrictEqual([third]);
    });

    it("says what a finished job itself takes: its spec and its result, in bytes", async () => {
      const spec = { command: "é".repeat(500), args: [] };
      const { id } = await use().insert({ spec, owner: "recorded" });
      await use().move(id, "failed", { endedAt: -5000, resultJson: JSON.stringify("x".repeat(998)) });
      const finished = await use().store.jobs.finished({ endedBefore: -4000, limit: 10 });
      const bytes = Buffer.byteLength(JSON.stringify(spec)) + 1000;
      expect(finished.map(({ owner, recordBytes }) => [owner, recordBytes])).toEqual([["recorded", bytes]]);
    });

    it("counts jobs by state, through every move and delete", async () => {
      const before = await use().store.jobs.counts();
      for (const state of jobStates) await use().insertIn(state);
      const gone = await use().insertIn("failed");
      const during = await use().store.jobs.counts();
      await use().store.jobs.delete(gone.id);
      const after = await use().store.jobs.counts();
      const plus = (extra: number) =>
        Object.fromEntries(
          jobStates.map((state) => [state, before[state] + 1 + (state === "failed" ? extra : 0)]),
        );
      expect(during).toEqual(plus(1));
      expect(after).toEqual(plus(0));
    });
  });
}
