import { describe, expect, it } from "vitest";
import { checkBlocks } from "../../../src/core/audit/check-blocks.ts";
import { sealOf } from "../../../src/core/audit/chain.ts";
import type { StoreBench } from "../../support/store-bench.ts";
import { everyRecord, sampleEntry } from "../../support/sample-audit.ts";

const all = { ...everyRecord, limit: 100 } as const;

const binding = { role: "viewer", kind: "user", subject: "rec", createdAt: 1 } as const;

export function describeAudit(use: () => StoreBench): void {
  const namesOf = async (filter: object): Promise<(string | null)[]> => {
    const { items } = await use().store.audit.list({ ...all, ...filter });
    return items.map(({ text }) => (JSON.parse(text) as { name: string | null }).name);
  };

  describe("audit records", () => {
    it("are stored with the write that they tell of, and not where that does not hold", async () => {
      const { store } = use();
      const made = sampleEntry({ requestId: "with", name: "made" });
      await store.audited(made).bindings.insert({ ...binding, id: "rec1" });
      const [again, gone] = await Promise.all([
        store.audited({ ...made, name: "again" }).bindings.delete("rec1"),
        store.audited({ ...made, name: "not there" }).bindings.delete("never"),
      ]);
      expect([again, gone]).toEqual([true, false]);
      expect(await namesOf({ requestId: "with" })).toEqual(["again", "made"]);
    });

    it("are stored with jobs: when these are new, change and are deleted, and not a second time", async () => {
      const bench = use();
      const audit = (name: string) => sampleEntry({ resource: "jobs", account: "jobs", name });
      const idempotency = { key: "audited", requestHash: "h" };
      const job = await bench.insert({ state: "preparing" }, { idempotency, audit: audit("new") });
      const { jobs } = bench.store;
      await jobs.insert({ job, inputs: { files: [], stdin: null }, idempotency, audit: audit("replayed") });
      await jobs.update(job.id, { audit: audit("changed") });
      await jobs.extend(job.id, { byMs: 1, at: 2, audit: audit("extended") });
      await jobs.transition(job.id, "failed", { at: 3, audit: audit("ended") });
      await jobs.transition(job.id, "succeeded", { at: 3, audit: audit("ended twice") });
      await jobs.update(job.id, { audit: audit("changed late") });
      await jobs.delete(job.id, audit("deleted"));
      await jobs.delete(job.id, audit("deleted twice"));
      expect(await namesOf({ account: "jobs" })).toEqual(["deleted", "ended", "extended", "changed", "new"]);
    });

    it("are found by each of their columns, names as they are written, page by page", async () => {
      const { audit } = use().store;
      const odd = sampleEntry({
        at: 5000,
        account: "a\0n\u{d800}n",
        door: "grpc",
        verb: "stop",
        resource: "odd",
        name: "o\0",
        outcome: "denied",
        requestId: "odd",
        address: "::1",
      });
      const other = sampleEntry({ at: 5001, resource: "odd", account: null, name: "other", requestId: null });
      await audit.append([odd, { ...odd, at: 5002 }, other]);
      const columns = ["account", "door", "verb", "name", "outcome", "requestId", "address"] as const;
      for (const column of columns)
        expect(await namesOf({ resource: "odd", [column]: odd[column] })).toEqual(["o\0", "o\0"]);
      expect(await namesOf({ since: 5000, until: 5002, resource: "odd" })).toEqual(["other", "o\0"]);
      const seen: string[] = [];
      let cursor: string | null = null;
      do {
        const page = await audit.list({ ...all, resource: "odd", limit: 1, cursor });
        seen.push(...page.items.map(({ text }) => text));
        cursor = page.next;
      } while (cursor !== null);
      const wanted = [{ ...odd, at: 5002 }, other, odd];
      expect(seen.map((text) => JSON.parse(text) as unknown)).toEqual(wanted);
      await expect(audit.list({ ...all, cursor: "x" })).rejects.toMatchObject({ code: "CURSOR_INVALID" });
    });

    it("lie in blocks that follow each other, whatever was undone among many writes at once", async () => {
      const { store } = use();
      const writes = Array.from({ length: 60 }, (_, n) =>
        n % 3 === 0
          ? store.audited(sampleEntry({ name: `undone ${n}`, requestId: "many" })).bindings.delete("never")
          : store.audit.append([sampleEntry({ name: String(n), requestId: "many" })]),
      );
      await Promise.all(writes);
      expect(await namesOf({ requestId: "many" })).toHaveLength(40);
      const [chain = ""] = await store.audit.chains();
      const { blocks, records } = await store.audit.blocks(chain, { after: 0, limit: 5000 });
      expect(blocks.map(({ seq }) => seq)).toEqual(blocks.map((_, n) => n + 1));
      expect(records).toHaveLength(blocks.reduce((sum, { count }) => sum + count, 0));
      const zeros = { seq: 0, hash: "0".repeat(64) };
      // The key is nobody's: but the links, the counts and the columns can be looked at.
      const [key, other] = [new Uint8Array(32), sealOf("x", new Uint8Array(32)).keyId];
      const found = checkBlocks({
        chain,
        blocks,
        records,
        before: zeros,
        keyOf: (id) => (id === other ? key : null),
      });
      expect([...new Set(found.map(({ kind }) => kind))]).toEqual(["unknown_key"]);
      expect(records.filter(({ isAsWritten }) => !isAsWritten)).toEqual([]);
      expect(await store.audit.ends(chain)).toEqual({ first: blocks[0], last: blocks.at(-1) });
    });

    it("are read block by block, however small the page", async () => {
      const { audit } = use().store;
      await audit.append(Array.from({ length: 7 }, (_, n) => sampleEntry({ name: `whole ${n}` })));
      const [chain = ""] = await audit.chains();
      const whole = await audit.blocks(chain, { after: 0, limit: 5000 });
      const read = { blocks: [] as unknown[], records: [] as unknown[] };
      for (let after = 0, isLast = false; !isLast; ) {
        const page = await audit.blocks(chain, { after, limit: 3 });
        for (const { seq } of page.records) expect(page.blocks.map((block) => block.seq)).toContain(seq);
        read.blocks.push(...page.blocks);
        read.records.push(...page.records);
        after = page.blocks.at(-1)?.seq ?? after;
        ({ isLast } = page);
      }
      expect(read).toEqual({ blocks: whole.blocks, records: whole.records });
    });

    it("are forgotten by the oldest blocks first, a part at a time", async () => {
      const { audit } = use().store;
      const [chain = ""] = await audit.chains();
      const before = (await audit.ends(chain))?.first.seq ?? 0;
      const upTo = { seq: before + 2, limit: 2 };
      expect(await audit.forget(chain, upTo)).toBe(false);
      expect((await audit.ends(chain))?.first.seq).toBe(before + 2);
      expect([await audit.forget(chain, upTo), await audit.forget(chain, upTo)]).toEqual([true, true]);
      expect((await audit.ends(chain))?.first.seq).toBe(before + 3);
      expect((await audit.blocks(chain, { after: 0, limit: 1 })).records[0]?.seq).toBe(before + 3);
    });
  });
}
