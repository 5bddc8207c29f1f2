import { describe, expect, it } from "vitest";
import type { SignedMessage } from "../../../src/core/task/webhook-signature.ts";
import { noInputs, sampleJob } from "../../support/sample-job.ts";
import type { StoreBench } from "../../support/store-bench.ts";

export function describeMessages(use: () => StoreBench): void {
  describe("messages of webhooks", () => {
    const insert = async (named: Partial<SignedMessage>) => {
      const job = sampleJob();
      const message = { webhook: "hook", id: "m", at: 1000, keptUntil: 2000, ...named };
      const { kind } = await use().store.jobs.insert({ job, inputs: noInputs, idempotency: null, message });
      return { kind, id: job.id };
    };
    const kindOf = async (named: Partial<SignedMessage>) => (await insert(named)).kind;

    it("are taken by one job of many, in its own write", async () => {
      const all = await Promise.all(Array.from({ length: 8 }, () => insert({ id: "many" })));
      expect(all.filter(({ kind }) => kind === "created")).toHaveLength(1);
      for (const { id, kind } of all)
        expect([kind, (await use().store.jobs.get(id)) !== null]).toEqual([kind, kind === "created"]);
    });

    it("are known until their time is over, whatever becomes of the job", async () => {
      const { kind, id } = await insert({ id: "kept" });
      expect(kind).toBe("created");
      await use().move(id, "canceled");
      expect(await use().store.jobs.delete(id)).toBe(true);
      expect(await kindOf({ id: "kept", at: 1999 })).toBe("message-known");
      expect(await kindOf({ id: "kept", webhook: "other" })).toBe("created");
      // Whichever comes behind its time takes it away.
      expect(await kindOf({ id: "later", at: 2001, keptUntil: 3000 })).toBe("created");
      expect(await kindOf({ id: "kept", at: 2001, keptUntil: 3000 })).toBe("created");
      expect(await kindOf({ id: "later", at: 2002, keptUntil: 3000 })).toBe("message-known");
    });

    it.each(["\ud800", "a\0b", "é".repeat(100)])(
      "are told from one another by the whole of %j",
      async (id) => {
        expect(await kindOf({ id })).toBe("created");
        expect(await kindOf({ id })).toBe("message-known");
        expect(await kindOf({ id: `${id}x` })).toBe("created");
      },
    );
  });
}
