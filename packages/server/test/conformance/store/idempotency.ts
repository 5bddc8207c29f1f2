import { describe, expect, it } from "vitest";
import type { Inserted } from "../../../src/store/store.ts";
import { noInputs, sampleJob } from "../../support/sample-job.ts";
import type { StoreBench } from "../../support/store-bench.ts";

const idOf = (answer: Inserted | undefined): string =>
  answer !== undefined && "job" in answer ? answer.job.id : "no job";

export function describeIdempotency(use: () => StoreBench): void {
  const submit = (key: string, { hash = "h", owner = "alice" } = {}): Promise<Inserted> =>
    use().store.jobs.insert({
      job: sampleJob({ owner }),
      inputs: noInputs,
      idempotency: { key, requestHash: hash },
    });

  describe("ABUSE 23: idempotency", () => {
    it("answers the same key and request with the job of the first call, as it is now", async () => {
      const first = await submit("replay");
      if (first.kind !== "created") throw new Error(first.kind);
      const moved = await use().move(first.job.id, "preparing");
      expect(await submit("replay")).toStrictEqual({ kind: "replayed", job: moved });
    });

    it("tells of a key what a submit with it would be answered, and stores nothing", async () => {
      const owner = "ea\ud800rl";
      const earlier = (key: string, requestHash: string, of = owner) =>
        use().store.jobs.earlier(of, { key, requestHash });
      const first = await submit("asked", { owner });
      if (first.kind !== "created") throw new Error(first.kind);
      expect(await earlier("asked", "h")).toStrictEqual({ kind: "replayed", job: first.job });
      expect(await earlier("asked", "other")).toStrictEqual({ kind: "conflict" });
      expect([await earlier("not asked", "h"), await earlier("asked", "h", "bob")]).toEqual([null, null]);
      expect((await submit("not asked", { owner })).kind).toBe("created");
    });

    it("names the keys that came last, newest first", async () => {
      for (const [owner, key] of [
        ["k\u0000ate", "one"],
        ["lea", "two\ud800"],
        ["kate", "three"],
      ] as const)
        await submit(key, { owner });
      await use().insert();
      expect(await use().store.jobs.latestKeys(2)).toEqual([
        { owner: "kate", key: "three" },
        { owner: "lea", key: "two\ud800" },
      ]);
    });

    it("refuses the same key with another request, and stores nothing", async () => {
      await submit("conflict");
      const job = sampleJob();
      const idempotency = { key: "conflict", requestHash: "other" };
      expect(await use().store.jobs.insert({ job, inputs: noInputs, idempotency })).toStrictEqual({
        kind: "conflict",
      });
      expect(await use().store.jobs.get(job.id)).toBeNull();
    });

    it("keeps the keys of owners apart", async () => {
      expect((await submit("ours", { owner: "alice" })).kind).toBe("created");
      expect((await submit("ours", { owner: "bob" })).kind).toBe("created");
    });

    it("replays to each owner the job of that owner, whoever used the key first", async () => {
      const owners = ["zoe", "adam", "zoe-b"];
      const first = await Promise.all(owners.map((owner) => submit("each", { owner, hash: owner })));
      for (const [index, owner] of owners.entries()) {
        expect(await submit("each", { owner, hash: owner })).toMatchObject({
          kind: "replayed",
          job: { id: idOf(first[index]), owner },
        });
        expect((await submit("each", { owner, hash: "another" })).kind).toBe("conflict");
      }
    });

    it.each(["\ud800", "a\0b", "é".repeat(100)])("takes key %j for itself only", async (key) => {
      expect((await submit(key)).kind).toBe("created");
      expect((await submit(key)).kind).toBe("replayed");
      expect((await submit(`${key}x`)).kind).toBe("created");
    });

    it("has one winner of 100 at once, and all hear of the same job", async () => {
      const owner = "hundred";
      const answers = await Promise.all(Array.from({ length: 100 }, () => submit("at once", { owner })));
      const kinds = answers.map(({ kind }) => kind);
      expect(kinds.filter((kind) => kind === "created")).toHaveLength(1);
      expect(kinds.filter((kind) => kind === "replayed")).toHaveLength(99);
      const stored = await use().listIds({ owner });
      expect(stored).toHaveLength(1);
      expect(new Set(answers.map((answer) => ("job" in answer ? answer.job.id : "")))).toEqual(
        new Set(stored),
      );
    });

    it("has one winner of 100 different requests with one key", async () => {
      const owner = "rivals";
      const answers = await Promise.all(
        Array.from({ length: 100 }, (_, n) => submit("rivals", { owner, hash: `h${n}` })),
      );
      expect(answers.filter(({ kind }) => kind === "created")).toHaveLength(1);
      expect(answers.filter(({ kind }) => kind === "conflict")).toHaveLength(99);
      expect(await use().listIds({ owner })).toHaveLength(1);
    });

    it("frees the key with the job", async () => {
      const first = await submit("freed");
      if (first.kind !== "created") throw new Error(first.kind);
      await use().move(first.job.id, "canceled");
      await use().store.jobs.delete(first.job.id);
      expect((await submit("freed", { hash: "other" })).kind).toBe("created");
    });
  });
}
