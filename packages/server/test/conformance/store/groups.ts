import { describe, expect, it } from "vitest";
import type { StoreBench } from "../../support/store-bench.ts";

export function describeGroups(use: () => StoreBench): void {
  describe("groups", () => {
    it("are there once by their key, and go with their members and what was given to them", async () => {
      const { groups, bindings } = use().store;
      const ops = { key: "g-ops", name: "G-Ops\ud800", createdAt: 5 };
      expect([await groups.insert(ops), await groups.insert({ ...ops, name: "g-OPS" })]).toEqual([
        true,
        false,
      ]);
      expect(await groups.list()).toContainEqual(ops);
      const ann = { group: "g-ops", member: "g-ann\0", source: "local" };
      await groups.add(ann);
      await groups.add(ann);
      expect((await groups.memberships()).filter(({ group }) => group === "g-ops")).toEqual([ann]);
      const given = { role: "viewer", createdAt: 1 };
      await bindings.insert({ ...given, id: "g-b1", kind: "group", subject: "g-ops" });
      await bindings.insert({ ...given, id: "g-b2", kind: "user", subject: "g-ops" });
      expect([await groups.delete("g-ops"), await groups.delete("g-ops")]).toEqual([true, false]);
      expect((await groups.memberships()).filter(({ group }) => group === "g-ops")).toEqual([]);
      const left = (await bindings.list()).map(({ id }) => id);
      expect([left.includes("g-b1"), left.includes("g-b2")]).toEqual([false, true]);
      await bindings.delete("g-b2");
    });

    it("have the members that each source says, whatever another says of them", async () => {
      const { groups } = use().store;
      const of = async () =>
        (await groups.memberships())
          .filter(({ member }) => member === "g-bob")
          .map(({ group, source }) => `${source} ${group}`);
      await groups.add({ group: "g-a", member: "g-bob", source: "local" });
      await groups.replace("g-bob", "corp", ["g-a", "g-b", "g-b"]);
      await groups.replace("g-bob-b", "corp", ["g-b"]);
      expect((await of()).toSorted()).toEqual(["corp g-a", "corp g-b", "local g-a"]);
      await groups.replace("g-bob", "corp", ["g-c"]);
      expect((await of()).toSorted()).toEqual(["corp g-c", "local g-a"]);
      const local = { group: "g-a", member: "g-bob", source: "local" };
      expect([await groups.remove(local), await groups.remove(local)]).toEqual([true, false]);
      await groups.replace("g-bob", "corp", []);
      expect(await of()).toEqual([]);
    });
  });

  describe("roles of the operator's", () => {
    it("are kept with their rules, changed, and deleted where nobody has them", async () => {
      const { roles, bindings } = use().store;
      const rules = [{ resource: "jobs" as const, names: ["*", "a\0b"], verbs: ["read" as const] }];
      const role = { name: "watcher", rules, createdAt: 1, updatedAt: 1 };
      expect([await roles.insert(role), await roles.insert(role)]).toEqual([true, false]);
      expect(await roles.list()).toStrictEqual([role]);
      const change = { name: "watcher", rules: [], updatedAt: 2 };
      expect([await roles.update(change), await roles.update({ ...change, name: "x" })]).toEqual([
        true,
        false,
      ]);
      expect(await roles.list()).toStrictEqual([{ ...role, rules: [], updatedAt: 2 }]);
      const binding = { id: "r-b1", role: "watcher", kind: "user" as const, subject: "r-ann", createdAt: 1 };
      await bindings.insert(binding);
      expect(await roles.delete("watcher")).toBe("in-use");
      await bindings.delete("r-b1");
      expect([await roles.delete("watcher"), await roles.delete("watcher")]).toEqual(["deleted", "missing"]);
    });
  });
}
