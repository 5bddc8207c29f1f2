import { describe, expect, it } from "vitest";
import { everyRecord, sampleEntry } from "../../support/sample-audit.ts";
import { turnsWhile } from "../../support/turns-while.ts";
import type { StoreBench } from "../../support/store-bench.ts";

const definition = (kind: "runner" | "task", name: string, belongsTo: string | null = null) => ({
  kind,
  name,
  owner: "ann",
  belongsTo,
  spec: "{}",
  createdAt: 1,
  updatedAt: 1,
  updatedBy: "ann",
});

export function describeTogether(use: () => StoreBench): void {
  const recorded = async (name: string): Promise<number> =>
    (await use().store.audit.list({ ...everyRecord, name, limit: 50 })).items.length;
  const insert =
    (...of: Parameters<typeof definition>) =>
    (audited: (entry: ReturnType<typeof sampleEntry>) => Pick<StoreBench["store"], "definitions">) =>
      audited(sampleEntry({ resource: "runners", name: `together ${of[1]}` })).definitions.insert(
        definition(...of),
      );

  describe("what is written together", () => {
    it("may need what is written before it, and each part has its record", async () => {
      const { store } = use();
      const parts = [insert("runner", "pair"), insert("task", "pair-task", "pair")];
      expect(await store.together(parts)).toEqual({ said: ["done", "done"] });
      expect((await store.definitions.get("task", "pair-task"))?.version).toBe(1);
      expect([await recorded("together pair"), await recorded("together pair-task")]).toEqual([1, 1]);
      expect(await store.together([])).toEqual({ said: [] });
    });

    it("is not written at all where one part cannot be, and says which", async () => {
      const { store } = use();
      const parts = [
        insert("runner", "half"),
        insert("task", "half-task", "nowhere"),
        insert("runner", "rest"),
      ];
      expect(await store.together(parts)).toEqual({ failed: 1, said: "no-parent" });
      for (const name of ["half", "rest"]) {
        expect(await store.definitions.get("runner", name)).toBeNull();
        expect(await recorded(`together ${name}`)).toBe(0);
      }
    });

    it("waits for no part that fails before it writes", async () => {
      const { store } = use();
      const failing = () => Promise.reject(new Error("before its write"));
      await expect(store.together([insert("runner", "never"), failing])).rejects.toThrow("before its write");
      expect(await store.definitions.get("runner", "never")).toBeNull();
    });

    it("is made ready while others have their turn, where it is much", async () => {
      const { store } = use();
      const turnsBefore: number[] = [];
      const parts = Array.from({ length: 101 }, (_, n) => {
        const part = insert("runner", `many-${n}`);
        return (...[audited]: Parameters<typeof part>) => {
          turnsBefore.push(turn);
          return part(audited);
        };
      });
      let turn = 0;
      await turnsWhile(
        () => store.together(parts),
        () => (turn += 1),
      );
      expect([turnsBefore.length, turnsBefore.at(-1)]).toEqual([
        101,
        expect.toSatisfy((last: number) => last >= 2),
      ]);
    });

    it("asks for one write of each part, and no other", async () => {
      const { store } = use();
      const binding = { id: "t1", role: "viewer", kind: "user" as const, subject: "tom", createdAt: 1 };
      await store.bindings.insert(binding);
      const again = (audited: Parameters<Parameters<typeof store.together>[0][number]>[0]) =>
        audited(sampleEntry()).bindings.insert({ ...binding, id: "t2" });
      // It looks for the one that stood in its way, and finds it.
      expect(await store.together([again])).toEqual({ failed: 0, said: binding });
      await store.bindings.delete("t1");
    });
  });
}
