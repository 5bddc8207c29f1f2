import { describe, expect, it } from "vitest";
import { newId } from "../../../src/lib/ids.ts";
import type { StoredUpload } from "../../../src/store/store.ts";
import { noInputs, sampleJob } from "../../support/sample-job.ts";
import type { StoreBench } from "../../support/store-bench.ts";

const hashLike = (digit: string): string => digit.repeat(64);

function sampleUpload(change: Partial<StoredUpload> = {}): StoredUpload {
  const part = change.state === "complete" ? null : newId();
  return {
    owner: "alice",
    name: hashLike("a"),
    state: "receiving",
    bytes: 10,
    length: null,
    part,
    createdAt: 1000,
    usedAt: 1000,
    ...change,
  };
}

export function describeUploads(use: () => StoreBench): void {
  const uploads = () => use().store.uploads;

  describe("uploads", () => {
    it("are found by owner and name, once each, whatever the owner is called", async () => {
      const owner = "\ud800 \0ann";
      const upload = sampleUpload({ owner, name: hashLike("b") });
      expect(await uploads().insert(upload)).toBe(true);
      expect(await uploads().insert({ ...upload, bytes: 11 })).toBe(false);
      expect(await uploads().get(owner, upload.name)).toEqual(upload);
      expect(await uploads().get(null, upload.name)).toEqual(upload);
      expect(await uploads().get("ann", upload.name)).toBeNull();
      expect(await uploads().holdsPart(upload.part ?? "")).toBe(true);
      expect(await uploads().holds(upload.name)).toBe(false);
    });

    it("become complete under their hash, and count what they have by then", async () => {
      const owner = "carol";
      const begun = sampleUpload({ owner, name: newId(), bytes: 500 });
      await uploads().insert(begun);
      await uploads().reserve(begun, { bytes: 700, length: null, at: 2000 });
      expect((await uploads().usage(owner, 1)).own).toBe(700);
      // However little there is of one, it counts as much as that.
      expect((await uploads().usage(owner, 1000)).own).toBe(1000);
      expect((await uploads().usage("nobody", 1)).own).toBe(0);
      await uploads().complete(begun, { sha256: hashLike("c"), bytes: 600, at: 3000 });
      expect((await uploads().usage(owner, 1)).own).toBe(600);
      // What is whole receives no more.
      const late = { bytes: 900, length: null, at: 4000 };
      expect(await uploads().reserve({ owner, name: hashLike("c") }, late)).toBe(false);
      expect((await uploads().usage(owner, 1)).own).toBe(600);
      expect(await uploads().get(owner, begun.name)).toBeNull();
      expect(await uploads().get(owner, hashLike("c"))).toMatchObject({ state: "complete", part: null });
      expect(await uploads().holds(hashLike("c"))).toBe(true);
    });

    it("are listed by name page by page, of one owner or of all", async () => {
      for (const digit of ["1", "2", "3"])
        for (const owner of ["dan", "eve"])
          await uploads().insert(sampleUpload({ owner, name: hashLike(digit) }));
      await uploads().insert(sampleUpload({ owner: "dan", name: newId() }));
      const names: string[] = [];
      for (let cursor: string | null = null; ; ) {
        const page = await uploads().list({ owner: "dan", limit: 2, cursor });
        names.push(...page.items.map(({ name }) => name));
        cursor = page.next;
        if (cursor === null) break;
      }
      expect(names).toEqual([hashLike("1"), hashLike("2"), hashLike("3")]);
      const first = await uploads().list({ owner: null, limit: 2, cursor: null });
      expect(first.items.map(({ owner }) => owner)).toEqual(["dan", "eve"]);
      const bad = uploads().list({ owner: null, limit: 2, cursor: "abc" });
      await expect(bad).rejects.toMatchObject({ code: "CURSOR_INVALID" });
    });

    it("are begun anew where their content was lost", async () => {
      const lost = sampleUpload({ owner: "ivan", state: "complete", bytes: 5, length: 5 });
      await uploads().insert(lost);
      const again = { ...lost, state: "receiving", part: newId(), bytes: 7, usedAt: 2000 } as const;
      await uploads().restart(again);
      expect(await uploads().get("ivan", lost.name)).toEqual(again);
    });

    it("without a hash are found when they were begun before", async () => {
      const [old, young] = [sampleUpload({ owner: "judy" }), sampleUpload({ owner: "judy", usedAt: 3000 })];
      for (const upload of [old, young]) await uploads().insert({ ...upload, name: upload.part ?? "" });
      await uploads().insert(sampleUpload({ owner: "judy" }));
      const found = await uploads().nameless({ before: 3000, limit: 10 });
      const ofJudy = found.filter(({ owner }) => owner === "judy");
      expect(ofJudy.map(({ name }) => name)).toEqual([old.part]);
    });

    it("stay where they were used since somebody looked for those to remove", async () => {
      const upload = sampleUpload({ owner: "kim", state: "complete", usedAt: 1000 });
      await uploads().insert(upload);
      await uploads().touch(upload, 2000);
      expect(await uploads().delete(upload, { unusedSince: 2000 })).toBe("in-use");
      expect(await uploads().delete(upload, { unusedSince: 2001 })).toBe("deleted");
    });

    it("stay while a job of their owner that uses them has not ended", async () => {
      const upload = sampleUpload({ owner: "frank", name: hashLike("f"), state: "complete", usedAt: 1 });
      await uploads().insert(upload);
      await uploads().insert({ ...upload, owner: "grace" });
      const job = sampleJob({ owner: "frank" });
      const inputs = { ...noInputs, archive: upload.name };
      expect((await use().store.jobs.insert({ job, inputs, idempotency: null })).kind).toBe("created");
      expect((await use().store.jobs.inputs(job.id)).archive).toBe(upload.name);
      expect(await uploads().delete(upload)).toBe("in-use");
      expect(await uploads().delete({ ...upload, owner: "grace" })).toBe("deleted");
      const unused = await uploads().unused({
        state: "complete",
        since: Number.MAX_SAFE_INTEGER,
        limit: 100,
      });
      expect(unused.map(({ owner }) => owner)).not.toContain("frank");
      await use().store.jobs.dropInputs(job.id);
      expect(await uploads().delete(upload)).toBe("deleted");
      expect(await uploads().delete(upload)).toBe("missing");
    });

    it("are free again when a job has ended, also where nobody has cleaned up after it", async () => {
      const upload = sampleUpload({ owner: "lea", state: "complete" });
      await uploads().insert(upload);
      const job = sampleJob({ owner: "lea", state: "preparing" });
      await use().store.jobs.insert({
        job,
        inputs: { ...noInputs, archive: upload.name },
        idempotency: null,
      });
      expect(await uploads().delete(upload)).toBe("in-use");
      await use().store.jobs.transition(job.id, "failed", { at: 1 });
      expect(await uploads().delete(upload)).toBe("deleted");
    });

    it("that are not whole, or not there, keep a job from being stored", async () => {
      const upload = sampleUpload({ owner: "heidi", name: hashLike("e") });
      await uploads().insert(upload);
      for (const archive of [upload.name, hashLike("9")]) {
        const job = sampleJob({ owner: "heidi" });
        for (const idempotency of [null, { key: archive, requestHash: "h" }]) {
          const inserted = await use().store.jobs.insert({
            job,
            inputs: { ...noInputs, archive },
            idempotency,
          });
          expect(inserted.kind).toBe("upload-missing");
        }
        expect(await use().store.jobs.get(job.id)).toBeNull();
      }
    });
  });
}
