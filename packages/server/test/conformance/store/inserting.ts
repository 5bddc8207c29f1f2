import { describe, expect, it } from "vitest";
import { KeptSpec } from "../../../src/core/job/kept-spec.ts";
import { sampleJob } from "../../support/sample-job.ts";
import type { StoreBench } from "../../support/store-bench.ts";

const megabyte = "x".repeat(2 ** 20);
const odd = [
  ["a lone high surrogate", "a\ud800b"],
  ["a lone low surrogate", "\udc00"],
  ["a NUL", "a\0b"],
  ["the escape mark itself", '\u0001"a"'],
  ["emoji and combining marks", "👩‍💻 e\u0301 ﷽"],
  ["quotes, percent and backslashes", `'; DROP TABLE job; -- " % _ \\ \\u0000`],
  ["a name of the prototype", "__proto__"],
  ["nothing", ""],
] as const;

export function describeInserting(use: () => StoreBench): void {
  describe("inserting", () => {
    it("gives a job back as it was stored, every field", async () => {
      const job = sampleJob({
        name: "nightly",
        labels: { team: "a", "x/y": "" },
        cause: {
          code: "waiting_for_slot",
          message: "All 8 slots are busy",
          evidence: { slots: 8, ok: true },
        },
        submittedSinceBoot: { boot: "b", ms: 2 ** 40 },
        deadlineAt: 5,
        isolation: { level: "namespaces", items: [{ name: "seccomp", applied: true, detail: "default" }] },
        handle: "v1:x",
        spec: { command: "python3", args: ["-c", "1"], env: { A: "b" }, files: { "a.txt": { size: 3 } } },
        stop: {
          cause: { code: "stopped", message: "Stopped", evidence: {} },
          graceMs: 5000,
          requestedAt: 7,
          requestedSinceBoot: { boot: "b", ms: 3 },
        },
      });
      await use().insert(job);
      expect(await use().store.jobs.get(job.id)).toStrictEqual(job);
    });

    it("gives a run of a task an alias that no other job has", async () => {
      const { store } = use();
      const task = { name: "report", version: 1, runnerVersion: 1 };
      const first = await use().insert({ task, alias: "report-aaaaa" });
      expect(first.alias).toBe("report-aaaaa");
      expect(await store.jobs.byAlias("report-aaaaa")).toStrictEqual(first);
      // Somebody was faster: it gets another one, with or without a key.
      const key = { key: "k", requestHash: "h" };
      for (const idempotency of [null, key]) {
        const later = await use().insert({ task, alias: "report-aaaaa" }, { idempotency });
        expect(later.alias).toMatch(/^report-[a-z0-9]{5}$/);
        expect(later.alias).not.toBe("report-aaaaa");
        expect(await store.jobs.get(later.id)).toMatchObject({ alias: later.alias });
        expect((await store.events.list(later.id, 0)).length).toBe(1);
      }
      expect((await store.jobs.byAlias("report-aaaaa"))?.id).toBe(first.id);
      expect(await store.jobs.byAlias("report-bbbbb")).toBeNull();
    });

    it("says null of a job that it does not have", async () => {
      expect(await use().store.jobs.get(sampleJob().id)).toBeNull();
    });

    it("records the first event of a queued job with what it waits for", async () => {
      const cause = {
        code: "waiting_for_turn",
        message: "3 jobs wait before it",
        evidence: { before: 3 },
      } as const;
      const { id, createdAt } = await use().insert({ cause });
      expect(await use().store.events.list(id, 0)).toStrictEqual([
        {
          seq: 1,
          jobId: id,
          type: "queued",
          at: createdAt,
          cause,
          exitCode: null,
          deadlineAt: null,
          stage: null,
        },
      ]);
    });

    it("records both events of a job that got a slot at once", async () => {
      const { id } = await use().insert({ state: "preparing" });
      const events = await use().store.events.list(id, 0);
      expect(events.map(({ seq, type }) => [seq, type])).toEqual([
        [1, "queued"],
        [2, "preparing"],
      ]);
    });

    it("refuses a job that begins in the middle of its life", async () => {
      await expect(use().insert({ state: "running" })).rejects.toThrow('state "running"');
    });

    it("refuses an id that is taken and leaves the first job alone", async () => {
      const { id } = await use().insert({ owner: "first" });
      await expect(use().insert({ id, owner: "second" })).rejects.toThrow("constraint");
      expect((await use().store.jobs.get(id))?.owner).toBe("first");
      expect(await use().store.events.list(id, 0)).toHaveLength(1);
    });

    it("keeps nothing of a job that could not be stored, and all of those that came with it", async () => {
      const { id } = await use().insert();
      const idempotency = { key: "not taken", requestHash: "h" };
      const batch = Array.from({ length: 20 }, (_, n) =>
        n === 10 ? use().insert({ id }, { idempotency }) : use().insert({ owner: "batch" }),
      );
      const settled = await Promise.allSettled(batch);
      expect(settled.map(({ status }) => status === "rejected")).toEqual(settled.map((_, n) => n === 10));
      expect(await use().listIds({ owner: "batch" })).toHaveLength(19);
      await expect(use().insert({}, { idempotency })).resolves.toBeDefined();
    });

    it("keeps input files and stdin byte by byte until they are dropped", async () => {
      const inputs = {
        files: [
          { name: "b/ü.bin", content: Uint8Array.of(0, 255, 10, 0) },
          { name: "a.txt", content: new Uint8Array() },
        ],
        stdin: Uint8Array.of(1, 0, 2),
      };
      const { id } = await use().insert({}, { inputs });
      expect(await use().store.jobs.inputs(id)).toStrictEqual(inputs);
      await use().store.jobs.dropInputs(id);
      await use().store.jobs.dropInputs(id);
      expect(await use().store.jobs.inputs(id)).toStrictEqual({ files: [], stdin: null });
    });

    it("drops the inputs of all jobs that have ended, and of no other", async () => {
      const inputs = { files: [{ name: "a", content: Buffer.from("x") }], stdin: Buffer.from("y") };
      const { jobs } = use().store;
      const [ended, also, live] = [
        await use().insert({}, { inputs }),
        await use().insert({}, { inputs }),
        await use().insert({}, { inputs }),
      ];
      await use().move(ended.id, "failed");
      await use().move(also.id, "canceled");
      await jobs.dropInputsOfEnded();
      expect(await jobs.inputs(ended.id)).toEqual({ files: [], stdin: null });
      expect(await jobs.inputs(also.id)).toEqual({ files: [], stdin: null });
      expect((await jobs.inputs(live.id)).files).toHaveLength(1);
    });

    it("tells an empty stdin from none", async () => {
      const { id } = await use().insert({}, { inputs: { files: [], stdin: new Uint8Array() } });
      expect((await use().store.jobs.inputs(id)).stdin).toStrictEqual(new Uint8Array());
    });

    it("keeps 10 MiB of input", async () => {
      const content = new Uint8Array(10 * 2 ** 20).fill(7);
      const { id } = await use().insert({}, { inputs: { files: [{ name: "big", content }], stdin: null } });
      const [file] = (await use().store.jobs.inputs(id)).files;
      expect(Buffer.from(file?.content ?? []).equals(content)).toBe(true);
      await use().store.jobs.dropInputs(id);
    });

    it.each(odd)("keeps %s exactly wherever a caller may put it", async (_, text) => {
      const labels = JSON.parse(JSON.stringify({ [text]: text })) as Record<string, string>;
      const job = sampleJob({
        owner: `o${text}`,
        labels,
        spec: { command: text, args: [text] },
        handle: text,
      });
      const inputs = { files: [{ name: text, content: Uint8Array.of(1) }], stdin: null };
      await use().insert(job, { inputs });
      await use().move(job.id, "failed", { resultJson: JSON.stringify({ [text]: text }) });
      const stored = await use().store.jobs.get(job.id);
      expect(stored).toStrictEqual({
        ...job,
        state: "failed",
        endedAt: stored?.endedAt,
        resultJson: JSON.stringify({ [text]: text }),
      });
      expect(await use().store.jobs.inputs(job.id)).toStrictEqual(inputs);
      expect(await use().listIds({ owner: `o${text}`, labels: [{ key: text, value: text }] })).toEqual([
        job.id,
      ]);
    });

    it("does not take two texts for one that differ only in what UTF-8 cannot hold", async () => {
      const { id } = await use().insert({ owner: "odd \ud800" });
      expect(await use().listIds({ owner: "odd \ud801" })).toEqual([]);
      expect(await use().listIds({ owner: "odd \ufffd" })).toEqual([]);
      expect(await use().listIds({ owner: "odd \ud800" })).toEqual([id]);
    });

    it("keeps a spec and a result of 1 MiB each", async () => {
      const { id } = await use().insert({ spec: { command: "true", args: [megabyte] } });
      await use().move(id, "failed", { resultJson: JSON.stringify({ megabyte }) });
      const stored = await use().store.jobs.get(id);
      expect(
        stored?.spec.view.args[0] === megabyte && stored.resultJson === JSON.stringify({ megabyte }),
      ).toBe(true);
    });

    it("keeps a spec that comes as the bytes of its text", async () => {
      const view = { command: "true", args: [megabyte, "€\u0001"] };
      const bytes = new TextEncoder().encode(JSON.stringify(view));
      const { id } = await use().insert({ spec: KeptSpec.stored(bytes) });
      const ended = await use().move(id, "failed", { resultJson: "{}" });
      const stored = await use().store.jobs.get(id);
      for (const job of [ended, stored]) {
        // As they are, not by what they say: to print megabytes takes minutes.
        expect(Buffer.from(job?.spec.json ?? "").equals(bytes)).toBe(true);
        expect(job?.spec.view.args[1]).toBe("€\u0001");
      }
    });
  });
}
