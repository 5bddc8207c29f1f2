import { describe, expect, it } from "vitest";
import type { StoredBinding } from "../../../src/store/store.ts";
import { turnsWhile } from "../../support/turns-while.ts";
import type { StoreBench } from "../../support/store-bench.ts";

const binding: StoredBinding = { id: "b1", role: "viewer", kind: "user", subject: "ann", createdAt: 1 };

export function describeBindings(use: () => StoreBench): void {
  describe("bindings", () => {
    it("are listed as they were given, oldest first, names as they are written", async () => {
      const { bindings } = use().store;
      const odd = { ...binding, id: "b0", subject: "a\0n\u{d800}n" };
      expect(await bindings.insert(binding)).toStrictEqual(binding);
      expect(await bindings.insert(odd)).toStrictEqual(odd);
      expect(await bindings.list()).toStrictEqual([odd, binding]);
      await bindings.delete("b0");
    });

    it("are given once, also by two at the same time: what was given first stays", async () => {
      const { bindings } = use().store;
      const [one, two] = await Promise.all([
        bindings.insert({ ...binding, id: "b2", subject: "bob" }),
        bindings.insert({ ...binding, id: "b3", subject: "bob", createdAt: 9 }),
      ]);
      expect(one).toStrictEqual(two);
      const others = [
        { ...binding, id: "b4", subject: "Bob" },
        { ...binding, id: "b5", subject: "bob", kind: "group" as const },
        { ...binding, id: "b6", subject: "bob", role: "auditor" },
      ];
      for (const other of others) expect(await bindings.insert(other)).toStrictEqual(other);
    });

    it("are all listed where there are thousands, while others have their turn", async () => {
      const { store } = use();
      const many = Array.from({ length: 1001 }, (_, n) => ({
        ...binding,
        id: `many-${n + 1000}`,
        subject: `many ${n}`,
      }));
      await Promise.all(many.map((one) => store.bindings.insert(one)));
      const { result, turns } = await turnsWhile(() => store.bindings.list());
      expect(result.filter(({ id }) => id.startsWith("many-"))).toStrictEqual(many);
      expect(turns).toBeGreaterThanOrEqual(2);
      await Promise.all(many.map(({ id }) => store.bindings.delete(id)));
    });

    it("are deleted by their id, once", async () => {
      const { bindings } = use().store;
      expect([await bindings.delete("b4"), await bindings.delete("b4")]).toEqual([true, false]);
      expect((await bindings.list()).map(({ id }) => id)).not.toContain("b4");
    });
  });
}
