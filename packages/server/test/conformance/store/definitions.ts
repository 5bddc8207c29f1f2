import { describe, expect, it } from "vitest";
import type { StoreBench } from "../../support/store-bench.ts";

const runner = (name: string) => ({
  kind: "runner" as const,
  name,
  owner: "ann",
  belongsTo: null,
  spec: "{}",
  createdAt: 2 ** 40,
  updatedAt: 2 ** 40,
  updatedBy: "ann",
});
const task = (name: string, of: string) => ({ ...runner(name), kind: "task" as const, belongsTo: of });

export function describeDefinitions(use: () => StoreBench): void {
  describe("definitions", () => {
    it("are kept once by kind and name, and each change is a version", async () => {
      const { definitions } = use().store;
      expect(await definitions.insert(runner("one"))).toBe("done");
      expect(await definitions.insert(runner("one"))).toBe("exists");
      expect(await definitions.insert(task("one", "one"))).toBe("done");
      expect(await definitions.get("runner", "one")).toStrictEqual({ ...runner("one"), version: 1 });
      const change = { from: 1, spec: '{"a":1}', belongsTo: null, at: 7, by: "bob" };
      const key = { kind: "runner" as const, name: "one" };
      expect(await definitions.change(key, change)).toBe("done");
      expect(await definitions.change(key, change)).toBe("changed");
      const { version, owner, updatedAt, updatedBy, spec } = (await definitions.get("runner", "one")) ?? {};
      expect([version, owner, updatedAt, updatedBy, spec]).toEqual([2, "ann", 7, "bob", '{"a":1}']);
      const [last, first] = await definitions.versions("runner", "one", { before: null, limit: 5 });
      expect(last).toStrictEqual({ version: 2, spec: '{"a":1}', at: 7, by: "bob" });
      expect(first).toStrictEqual({ version: 1, spec: "{}", at: 2 ** 40, by: "ann" });
      expect(await definitions.versions("runner", "one", { before: 2, limit: 5 })).toEqual([first]);
      expect(await definitions.version("runner", "one", 1)).toEqual(first);
      expect(await definitions.version("runner", "one", 3)).toBeNull();
      expect((await definitions.get("task", "one"))?.version).toBe(1);
    });

    it("of tasks need a runner that is there, and keep it there", async () => {
      const { definitions } = use().store;
      expect(await definitions.insert(task("lonely", "nowhere"))).toBe("no-parent");
      expect(await definitions.get("task", "lonely")).toBeNull();
      await definitions.insert(runner("host"));
      await definitions.insert(task("guest-b", "host"));
      await definitions.insert(task("guest-a", "host"));
      expect(await definitions.belongingTo("runner", "host", 5)).toEqual(["guest-a", "guest-b"]);
      const change = { from: 1, spec: "{}", belongsTo: "nowhere", at: 7, by: "bob" };
      expect(await definitions.change({ kind: "task", name: "guest-a" }, change)).toBe("no-parent");
      expect(await definitions.delete("runner", "host")).toBe("in-use");
      expect(await definitions.delete("runner", "nowhere")).toBe("missing");
      for (const name of ["guest-a", "guest-b"]) expect(await definitions.delete("task", name)).toBe("done");
      expect(await definitions.delete("runner", "host")).toBe("done");
    });

    it("that come back go on counting, and say nothing of what another one of the name said", async () => {
      const { definitions } = use().store;
      await definitions.insert(runner("again"));
      await definitions.delete("runner", "again");
      await definitions.insert({ ...runner("again"), spec: '{"b":2}' });
      expect((await definitions.get("runner", "again"))?.version).toBe(2);
      await definitions.change(
        { kind: "runner", name: "again" },
        { from: 2, spec: '{"b":3}', belongsTo: null, at: 7, by: "bob" },
      );
      expect(await definitions.version("runner", "again", 1)).toBeNull();
      const all = await definitions.versions("runner", "again", { before: null, limit: 9 });
      expect(all.map(({ version, spec }) => [version, spec])).toEqual([
        [3, '{"b":3}'],
        [2, '{"b":2}'],
      ]);
      await definitions.delete("runner", "again");
      expect(await definitions.version("runner", "again", 3)).toBeNull();
    });

    it("are listed by name, a page at a time, of all or of one owner", async () => {
      const { definitions } = use().store;
      for (const name of ["z-c", "z-a", "z-b"])
        await definitions.insert({ ...task(name, "one"), owner: name === "z-b" ? "lisa" : "ann" });
      const page = { owner: null, after: "z-", limit: 2 };
      const names = async (asked: Parameters<typeof definitions.list>[1]) =>
        (await definitions.list("task", asked)).map(({ name }) => name);
      expect(await names(page)).toEqual(["z-a", "z-b"]);
      expect(await names({ ...page, after: "z-b" })).toEqual(["z-c"]);
      expect(await names({ ...page, owner: "lisa", after: null })).toEqual(["z-b"]);
    });

    it("are named by the jobs that were made from them", async () => {
      const { store } = use();
      const of = { name: "z-a", version: 1, runnerVersion: 2 };
      const job = await use().insert({ task: of });
      expect((await store.jobs.get(job.id))?.task).toStrictEqual(of);
      await use().move(job.id, "canceled");
      expect((await store.jobs.get(job.id))?.task).toStrictEqual(of);
    });
  });
}
